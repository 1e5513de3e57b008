// SPDX-License-Identifier: MIT
// What the box denies: reaching PID 1, namespaces, doors into the kernel; and what must go on
// working all the same.
#include "unit.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "boxed.h"

// ---------------------------------------------------------------- probes, inside

static int failures;

// The call must have failed with that error.
static void expect_error(const char *what, long result, int error)
{
    if (result >= 0 || errno != error) {
        printf("%s: %s\n", what, result >= 0 ? "done" : strerror(errno));
        failures++;
    }
}

static int cannot_reach_init(void)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {&byte, 1};
    expect_error("attach", ptrace(PTRACE_ATTACH, 1, 0, 0), EPERM);
    expect_error("seize", ptrace(PTRACE_SEIZE, 1, 0, 0), EPERM);
    expect_error("seize, large", syscall(SYS_ptrace, PTRACE_SEIZE, 0x100000001l, 0, 0), EPERM);
    expect_error("readv", process_vm_readv(1, &here, 1, &there, 1, 0), EPERM);
    expect_error("writev", process_vm_writev(1, &here, 1, &there, 1, 0), EPERM);
    expect_error("mem", open("/proc/1/mem", O_RDWR), EACCES);
    expect_error("environ", open("/proc/1/environ", O_RDONLY), EACCES);
    expect_error("fd", open("/proc/1/fd", O_RDONLY), EACCES);
    expect_error("fd/3", open("/proc/1/fd/3", O_RDWR), EACCES);
    int init = (int)syscall(SYS_pidfd_open, 1, 0);
    expect_error("getfd", syscall(SYS_pidfd_getfd, init, 3, 0), EPERM);
    // PID 1 cannot be killed from inside: the kernel drops the signal.
    kill(1, SIGKILL);
    kill(1, SIGSTOP);
    kill(1, SIGSEGV);
    // Without CPU time left the kernel itself would kill it.
    expect_error("limits", syscall(SYS_prlimit64, 1, RLIMIT_CPU, &(long[2]){0, 0}, NULL), EPERM);
    expect_error("affinity", sched_setaffinity(1, sizeof(cpu_set_t), &(cpu_set_t){0}), EPERM);
    expect_error("scheduler", sched_setscheduler(1, SCHED_BATCH, &(struct sched_param){0}), EPERM);
    expect_error("priority", setpriority(PRIO_PROCESS, 1, -1), EPERM);
    return failures;
}

static int cannot_make_namespaces(void)
{
    const unsigned long flags[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                   CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        expect_error("unshare", unshare((int)flags[i]), EPERM);
        expect_error("clone", syscall(SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0), EPERM);
    }
    struct clone_args arguments = {.flags = CLONE_NEWUSER};
    expect_error("clone3", syscall(SYS_clone3, &arguments, sizeof arguments), ENOSYS);
    expect_error("setns", setns(0, 0), EPERM);
    expect_error("mount", mount("x", "/tmp", "tmpfs", 0, NULL), EPERM);
    expect_error("umount", umount2("/tmp", MNT_DETACH), EPERM);
    expect_error("chroot", chroot("/tmp"), EPERM);
    expect_error("pivot_root", syscall(SYS_pivot_root, ".", "."), EPERM);
    expect_error("open_tree", syscall(SYS_open_tree, 0, "/", 1), EPERM);
    expect_error("fsopen", syscall(SYS_fsopen, "tmpfs", 0), EPERM);
    return failures;
}

static int finds_doors_shut(void)
{
    static const int calls[] = {SYS_bpf,
                                SYS_perf_event_open,
                                SYS_userfaultfd,
                                SYS_io_uring_setup,
                                SYS_keyctl,
                                SYS_add_key,
                                SYS_request_key,
                                SYS_kexec_load,
                                SYS_init_module,
                                SYS_finit_module,
                                SYS_delete_module,
                                SYS_memfd_create,
                                SYS_open_by_handle_at,
                                SYS_reboot,
                                SYS_swapon,
                                SYS_syslog,
                                SYS_quotactl,
                                SYS_acct,
                                SYS_settimeofday,
                                SYS_clock_settime,
                                SYS_sethostname};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        auto_free char *name = str_format("call %d", calls[i]);
        expect_error(name, syscall(calls[i], 0, 0, 0, 0, 0), EPERM);
    }
    expect_error("typing", ioctl(0, TIOCSTI, "x"), EPERM);
    expect_error("typing, large", syscall(SYS_ioctl, 0, 0x100000000l | TIOCSTI, "x"), EPERM);
    return failures;
}

static int gets_internet_and_unix_sockets_only(void)
{
    for (int family = 0; family < 64; family++) {
        bool wanted = family == AF_UNIX || family == AF_INET || family == AF_INET6;
        int handle = socket(family, SOCK_STREAM, 0);
        if (!wanted)
            expect_error("socket", handle, EAFNOSUPPORT);
        // A kernel without IPv6 says so itself.
        else if (handle < 0 && errno != EAFNOSUPPORT)
            expect_error("socket wanted", handle, 0);
    }
    int pair[2];
    expect_error("netlink", syscall(SYS_socket, 0x100000010l, SOCK_DGRAM, 0), EAFNOSUPPORT);
    expect_error("raw", socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1), EPERM);
    failures += socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0;
    return failures;
}

// The 32-bit way into the kernel has other numbers: 20 is getpid there.
static int takes_a_foreign_door(void)
{
    signal(SIGSYS, SIG_DFL);
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
    printf("getpid gave %ld\n", result);
#else
    raise(SIGSYS);
#endif
    return 0;
}

static int takes_the_x32_door(void)
{
    signal(SIGSYS, SIG_DFL);
#ifdef __x86_64__
    printf("getpid gave %ld\n", syscall(0x40000000 | SYS_getpid));
#else
    raise(SIGSYS);
#endif
    return 0;
}

// What backends and debuggers do every day.
static int traces_its_own_child(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        _exit(5);
    }
    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status) || ptrace(PTRACE_CONT, child, 0, 0) < 0)
        return 1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 5 ? 0 : 2;
}

// A polite program goes on: it is told that its wish is granted.
static int keeps_its_turn(void)
{
    const struct sched_param none = {0};
    failures += sched_setscheduler(0, SCHED_IDLE, &none) != 0;
    failures += sched_setscheduler(0, SCHED_IDLE | SCHED_RESET_ON_FORK, &none) != 0;
    failures += syscall(SYS_sched_setscheduler, 0, 0x100000000l | SCHED_IDLE, &none) != 0;
    failures += sched_getscheduler(0) != SCHED_OTHER;
    failures += sched_setscheduler(0, SCHED_OTHER, &none) != 0;
    failures += setpriority(PRIO_PROCESS, 0, 5) != 0 || setpriority(PRIO_PGRP, 0, 1000) != 0;
    failures += syscall(SYS_setpriority, PRIO_PROCESS, 0, 0x100000013l) != 0;
    failures += getpriority(PRIO_PROCESS, 0) != 0;
    sched_setscheduler(1, SCHED_IDLE, &none);
    setpriority(PRIO_PROCESS, 1, 19);
    failures += sched_getscheduler(1) != SCHED_OTHER || getpriority(PRIO_PROCESS, 1) != 0;
    expect_error("priority", setpriority(PRIO_PROCESS, 0, -5), EACCES);
    expect_error("setattr", syscall(SYS_sched_setattr, 0, NULL, 0), ENOSYS);
    return failures;
}

BOXED_PROBES({"init", cannot_reach_init}, {"namespaces", cannot_make_namespaces},
             {"doors", finds_doors_shut}, {"sockets", gets_internet_and_unix_sockets_only},
             {"foreign", takes_a_foreign_door}, {"x32", takes_the_x32_door},
             {"traces", traces_its_own_child}, {"turn", keeps_its_turn})

// ---------------------------------------------------------------- tests, outside

START_TEST(init_is_out_of_reach)
{
    boxed_expect_ok("init", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(nobody_gives_way_to_the_rest_of_a_class)
{
    boxed_expect_ok("turn", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(namespaces_and_mounts_are_denied)
{
    boxed_expect_ok("namespaces", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(doors_into_the_kernel_are_shut)
{
    boxed_expect_ok("doors", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(other_socket_families_are_not_supported)
{
    boxed_expect_ok("sockets", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(foreign_system_calls_kill)
{
    const char *const probes[] = {"foreign", "x32"};
    for (int i = 0; i < 2; i++) {
        struct boxed boxed = boxed_run(probes[i], (struct box_options){BOXED_OPTIONS});
        ck_assert_int_eq(boxed.event, BOX_ENDED);
        ck_assert_msg(WIFSIGNALED(boxed.status) && WTERMSIG(boxed.status) == SIGSYS,
                      "raw status %d: %s", boxed.status, str_text(&boxed.output));
        boxed_release(&boxed);
    }
}
END_TEST

START_TEST(own_children_can_be_traced)
{
    boxed_expect_ok("traces", (struct box_options){BOXED_OPTIONS});
}
END_TEST

// Compiles a program with the sanitizers of a check and runs it in a box.
static struct boxed run_sanitized(const char *source)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    boxed_must(stage_open(&stage, &err), &err);
    auto_free char *from = path_join(stage.path, "a.c");
    auto_free char *to = path_join(stage.path, "a");
    boxed_must(file_write(AT_FDCWD, from, source, strlen(source), 0644, &err), &err);
    const char *const command[] = {"cc", "-g", "-fsanitize=address,undefined", "-o", to,
                                   from, NULL};
    const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
    const struct process_options compile = {
        .argv = command, .environment = environment, .executable = -1};
    struct process compiler = PROCESS_INIT;
    boxed_must(process_start(&compile, &compiler, &err), &err);
    ck_assert_int_eq(process_wait(&compiler), 0);
    process_release(&compiler);
    ck_assert_int_eq(chmod(to, 0755), 0);
    const struct box_mount mount = {to, "/sanitized", false};
    const char *const argv[] = {"/sanitized", NULL};
    const char *const plain[] = {"PATH=/usr/bin", NULL};
    struct boxed boxed = boxed_run_in(
        &stage, "",
        (struct box_options){BOXED_OPTIONS, .argv = argv, .environment = plain, .mounts = &mount,
                             .mount_count = 1, .limits = {.processes = 16, .descriptors = 64}});
    stage_close(&stage);
    return boxed;
}

START_TEST(leak_sanitizer_reports_a_leak_and_leaves_a_clean_exit_alone)
{
    struct boxed leaking = run_sanitized("#include <stdlib.h>\n"
                                         "int main(void) { void *volatile p = malloc(123); p = 0;"
                                         " (void)p; return 0; }\n");
    struct boxed clean = run_sanitized("#include <stdlib.h>\n"
                                       "int main(void) { free(malloc(123)); return 0; }\n");
    ck_assert_int_eq(leaking.event, BOX_ENDED);
    ck_assert_int_ne(leaking.status, 0);
    ck_assert_ptr_nonnull(strstr(str_text(&leaking.output), "123 byte(s) leaked"));
    ck_assert_int_eq(clean.event, BOX_ENDED);
    ck_assert_msg(clean.status == 0, "%d: %s", clean.status, str_text(&clean.output));
    ck_assert_str_eq(str_text(&clean.output), "");
    boxed_release(&leaking);
    boxed_release(&clean);
}
END_TEST

UNIT_MAIN("box_denied", init_is_out_of_reach, nobody_gives_way_to_the_rest_of_a_class,
          namespaces_and_mounts_are_denied, doors_into_the_kernel_are_shut,
          other_socket_families_are_not_supported, foreign_system_calls_kill,
          own_children_can_be_traced, leak_sanitizer_reports_a_leak_and_leaves_a_clean_exit_alone)
