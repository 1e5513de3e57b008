// SPDX-License-Identifier: MIT
/*
 * Tries: to take the tracer's calls away by filters of its own
 * Held by: construction
 * Told: .
 * Points: 0|20
 */
#define GREETING "hullo "
#include "hostile.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

static void answer_call(unsigned call, unsigned action)
{
    struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), // the number
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, action),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void on_system_call(int number)
{
    (void)number;
}

static void attack(void)
{
    signal(SIGSYS, on_system_call);
    answer_call(SYS_getppid, SECCOMP_RET_TRACE | 77);
    answer_call(SYS_getuid, SECCOMP_RET_TRACE);
    answer_call(SYS_close, SECCOMP_RET_TRAP);
    answer_call(SYS_sendto, SECCOMP_RET_ERRNO | ENOSPC);
    for (int i = 0; i < 1000; i++) {
        syscall(SYS_getppid);
        syscall(SYS_getuid);
        syscall(SYS_close, -1);
    }
}
