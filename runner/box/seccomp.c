// SPDX-License-Identifier: MIT
/*
 * The system calls that the program must do without, as a filter made by libseccomp.
 *
 * The kernel looks at 32 bits of an int argument, a filter at 64: each comparison of an int is
 * masked, else garbage in the upper half would pass it.
 */
#include "box/seccomp.h"

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/str.h"
#include "box/traced_calls.h"

#define INT_MASK 0xffffffffu
#define NEGATIVE 0x80000000u  // an int's sign
#define SOCKET_TYPE_MASK 0xfu // the rest are SOCK_CLOEXEC and SOCK_NONBLOCK
#define SHARED_BYTES 65536    // largest System V segment; 4096 of them may exist
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

// Denied whatever the arguments are. A call that this machine's kernel headers or architecture do
// not have is passed over by name.
static const char *const denied[] = {
    // mounts and namespaces
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree",
    "open_tree_attr", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "setns",
    // descriptors that lead elsewhere
    "open_by_handle_at", "pidfd_getfd", "fanotify_init",
    // memory in no process's account
    "memfd_create", "memfd_secret",
    // large doors into the kernel
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "keyctl", "add_key", "request_key", "modify_ldt", "vm86", "vm86old",
    "lookup_dcookie", "nfsservctl", "uselib", "ustat", "sysfs", "_sysctl",
    // the machine
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
    "create_module", "reboot", "swapon", "swapoff", "syslog", "quotactl", "quotactl_fd", "acct",
    "settimeofday", "stime", "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64",
    "adjtimex", "iopl", "ioperm", "vhangup", "sethostname", "setdomainname"};

static const uint64_t namespace_flags[] = {CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS,
                                           CLONE_NEWIPC, CLONE_NEWUSER,   CLONE_NEWPID,
                                           CLONE_NEWNET};

// Denies a call with an errno when one argument fits; false keeps the first failure's errno.
static bool deny_if(scmp_filter_ctx filter, int error, int call, struct scmp_arg_cmp comparison)
{
    int result =
        seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((uint32_t)error), call, 1, &comparison);
    errno = -result;
    return result == 0;
}

static bool deny_always(scmp_filter_ctx filter, int error, int call)
{
    int result = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((uint32_t)error), call, 0, NULL);
    errno = -result;
    return result == 0;
}

static bool deny_names(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++) {
        int call = seccomp_syscall_resolve_name(denied[i]);
        if (call != __NR_SCMP_ERROR && !deny_always(filter, EPERM, call))
            return false;
    }
    return true;
}

// PID 1 holds the status socket. It cannot be dumped, so the kernel lets nobody in the box trace
// it; what the kernel would allow is to change its limits (with none of CPU time left it is killed,
// and the box looks broken) and its scheduling. LeakSanitizer traces the program's own tasks, which
// must work. Some of these calls have a process in their second argument.
static bool deny_touching_init(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp first = SCMP_A0(SCMP_CMP_MASKED_EQ, INT_MASK, 1);
    const struct scmp_arg_cmp second = SCMP_A1(SCMP_CMP_MASKED_EQ, INT_MASK, 1);
    const struct {
        int call;
        struct scmp_arg_cmp process;
    } calls[] = {{SCMP_SYS(ptrace), second},
                 {SCMP_SYS(process_vm_readv), first},
                 {SCMP_SYS(process_vm_writev), first},
                 {SCMP_SYS(kcmp), first},
                 {SCMP_SYS(kcmp), second},
                 {SCMP_SYS(prlimit64), first},
                 {SCMP_SYS(sched_setaffinity), first},
                 {SCMP_SYS(sched_setparam), first},
                 {SCMP_SYS(sched_setscheduler), first},
                 {SCMP_SYS(setpriority), second},
                 {SCMP_SYS(ioprio_set), second}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (!deny_if(filter, EPERM, calls[i].call, calls[i].process))
            return false;
    return true;
}

// A program that gives way to all others would be as slow as the machine is busy, and no clock
// could tell it from one that is held up. To give way is a wish, so it is granted by a word: the
// call succeeds and changes nothing, as a program that is polite elsewhere has to pass here too.
// More than an ordinary priority the kernel refuses itself. The arguments of sched_setattr lie in
// memory.
static bool deny_giving_way(scmp_filter_ctx filter)
{
    const uint64_t policy = INT_MASK & ~(uint64_t)SCHED_RESET_ON_FORK;
    return deny_if(filter, 0, SCMP_SYS(setpriority),
                   SCMP_A2(SCMP_CMP_MASKED_EQ, NEGATIVE, 0)) && // 0 too, which changes nothing
           deny_if(filter, 0, SCMP_SYS(sched_setscheduler),
                   SCMP_A1(SCMP_CMP_MASKED_EQ, policy, SCHED_IDLE)) &&
           deny_always(filter, ENOSYS, SCMP_SYS(sched_setattr));
}

// The arguments of clone3 lie in memory, where no filter can look: told that there is no such call,
// the C library takes clone.
static bool deny_namespaces(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof namespace_flags / sizeof *namespace_flags; i++) {
        uint64_t flag = namespace_flags[i];
        if (!deny_if(filter, EPERM, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)) ||
            !deny_if(filter, EPERM, SCMP_SYS(unshare), SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)))
            return false;
    }
    return deny_if(filter, EPERM, SCMP_SYS(unshare),
                   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWTIME, CLONE_NEWTIME)) &&
           deny_always(filter, ENOSYS, SCMP_SYS(clone3));
}

static bool deny_family(scmp_filter_ctx filter, int call, int family)
{
    return deny_if(filter, EAFNOSUPPORT, call,
                   SCMP_A0(SCMP_CMP_MASKED_EQ, INT_MASK, (uint64_t)family));
}

// Unix, IPv4 and IPv6 stay; the rest (netlink, packet, vsock, …) is nothing that a backend needs.
static bool deny_sockets(scmp_filter_ctx filter)
{
    const int calls[] = {SCMP_SYS(socket), SCMP_SYS(socketpair)};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        for (int family = 0; family <= AF_INET6; family++)
            if (family != AF_UNIX && family != AF_INET && family != AF_INET6 &&
                !deny_family(filter, calls[i], family))
                return false;
        if (!deny_if(filter, EAFNOSUPPORT, calls[i], SCMP_A0(SCMP_CMP_GT, AF_INET6)))
            return false;
    }
    return deny_if(filter, EPERM, SCMP_SYS(socket),
                   SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE_MASK, SOCK_RAW)) &&
           deny_if(filter, EPERM, SCMP_SYS(socket),
                   SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE_MASK, SOCK_PACKET));
}

// Typing into a terminal, and shared memory that belongs to no process.
static bool deny_rest(scmp_filter_ctx filter)
{
    return deny_if(filter, EPERM, SCMP_SYS(ioctl),
                   SCMP_A1(SCMP_CMP_MASKED_EQ, INT_MASK, TIOCSTI)) &&
           deny_if(filter, EPERM, SCMP_SYS(ioctl),
                   SCMP_A1(SCMP_CMP_MASKED_EQ, INT_MASK, TIOCLINUX)) &&
           deny_if(filter, ENOMEM, SCMP_SYS(shmget), SCMP_A1(SCMP_CMP_GT, SHARED_BYTES));
}

// Without a PID namespace a box ends by killing the program's process group.
static bool deny_leaving(scmp_filter_ctx filter)
{
    return deny_always(filter, EPERM, SCMP_SYS(setsid)) &&
           deny_always(filter, EPERM, SCMP_SYS(setpgid)) &&
           deny_if(filter, EPERM, SCMP_SYS(kill),
                   SCMP_A0(SCMP_CMP_MASKED_EQ, INT_MASK, INT_MASK)); // -1
}

static bool deny_network(scmp_filter_ctx filter)
{
    return deny_family(filter, SCMP_SYS(socket), AF_INET) &&
           deny_family(filter, SCMP_SYS(socket), AF_INET6);
}

static bool deny_all(scmp_filter_ctx filter, const struct seccomp_options *options)
{
    return deny_names(filter) && deny_touching_init(filter) && deny_giving_way(filter) &&
           deny_namespaces(filter) && deny_sockets(filter) && deny_rest(filter) &&
           (!options->bare || deny_leaving(filter)) &&
           (!options->no_network || deny_network(filter));
}

static bool trace_calls(scmp_filter_ctx filter, const struct seccomp_options *options)
{
    (void)options;
    for (size_t i = 0; i < traced_call_count; i++) {
        const struct traced_call *call = &traced_calls[i];
        bool code = call->kind == TRACED_MAPS_CODE;
        struct scmp_arg_cmp executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
        int result = seccomp_rule_add_array(filter, SCMP_ACT_TRACE(0), call->number, code ? 1 : 0,
                                            code ? &executable : NULL);
        errno = -result;
        if (result != 0)
            return false;
    }
    return true;
}

static bool filter_write(int file,
                         bool (*add_rules)(scmp_filter_ctx, const struct seccomp_options *),
                         const struct seccomp_options *options, struct err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int result = filter == NULL ? -ENOMEM : 0;
    // A call by another architecture's numbers (i386, x32) would pass under a name not meant.
    if (result == 0)
        result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (result == 0 && !add_rules(filter, options))
        result = -errno;
    if (result == 0)
        result = seccomp_export_bpf(filter, file);
    seccomp_release(filter);
    if (result == 0)
        return true;
    err_set(err, ERR_ENV, "cannot make the seccomp filter: %s", strerror(-result));
    return false;
}

bool seccomp_write(int file, const struct seccomp_options *options, struct err *err)
{
    return filter_write(file, deny_all, options, err);
}

bool seccomp_write_traced(int file, struct err *err)
{
    return filter_write(file, trace_calls, NULL, err);
}
