// SPDX-License-Identifier: MIT
/*
 * forbid_namespaces COMMAND [ARGUMENT…]: runs a command that can make no namespaces, as inside most
 * containers. A filter refuses the flags to clone and unshare; clone3, whose flags no filter sees,
 * is not there.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMESPACES                                                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
// Passes over `skipped` instructions unless the loaded call is this one.
#define UNLESS(call, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, (skipped))

int main(int argc, char **argv)
{
    struct sock_filter filter[] = {
        LOAD(nr),       UNLESS(__NR_clone3, 1),
        REFUSE(ENOSYS), UNLESS(__NR_clone, 3),
        LOAD(args[0]),  BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 5),
        REFUSE(EPERM),  UNLESS(__NR_unshare, 3),
        LOAD(args[0]),  BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1),
        REFUSE(EPERM),  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
        fprintf(stderr, "forbid_namespaces: %s\n", argc < 2 ? "no command" : strerror(errno));
        return 99;
    }
    execvp(argv[1], argv + 1);
    fprintf(stderr, "forbid_namespaces: %s: %s\n", argv[1], strerror(errno));
    return 99;
}
