// SPDX-License-Identifier: MIT
// The seccomp filter with groups of its rules left out.
#include <errno.h>
#include <seccomp.h>
#include <string.h>

#include "without.h"

int __real_seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call,
                                  unsigned int count, const struct scmp_arg_cmp *arguments);
int __wrap_seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call,
                                  unsigned int count, const struct scmp_arg_cmp *arguments);
int __real_seccomp_attr_set(scmp_filter_ctx filter, enum scmp_filter_attr attribute,
                            uint32_t value);
int __wrap_seccomp_attr_set(scmp_filter_ctx filter, enum scmp_filter_attr attribute,
                            uint32_t value);

static const struct {
    const char *mechanism;
    const char *calls; // with a blank before and behind each
} groups[] = {
    {"filter-init", " ptrace process_vm_readv process_vm_writev kcmp prlimit64 sched_setaffinity "
                    "sched_setparam sched_setscheduler setpriority ioprio_set "},
    {"filter-priority", " setpriority sched_setscheduler sched_setattr "},
    {"filter-namespaces", " clone clone3 unshare "},
    {"filter-mounts", " mount umount umount2 pivot_root chroot move_mount open_tree "
                      "open_tree_attr fsopen fsconfig fsmount fspick mount_setattr setns "},
    {"filter-handles", " open_by_handle_at pidfd_getfd fanotify_init "},
    {"filter-memory", " memfd_create memfd_secret shmget "},
    {"filter-doors", " bpf perf_event_open userfaultfd io_uring_setup io_uring_enter "
                     "io_uring_register keyctl add_key request_key modify_ldt vm86 vm86old "
                     "lookup_dcookie nfsservctl uselib ustat sysfs _sysctl "},
    {"filter-machine", " kexec_load kexec_file_load init_module finit_module delete_module "
                       "create_module reboot swapon swapoff syslog quotactl quotactl_fd acct "
                       "settimeofday stime clock_settime clock_settime64 clock_adjtime "
                       "clock_adjtime64 adjtimex iopl ioperm vhangup sethostname setdomainname "},
    {"filter-sockets", " socket socketpair "},
    {"filter-terminal", " ioctl "},
};

// Is the number one of these names?
static bool is_one_of(int call, const char *names)
{
    while (*names != '\0') {
        char name[64];
        names += strspn(names, " ");
        size_t length = strcspn(names, " ");
        if (length == 0 || length >= sizeof name)
            return false;
        memcpy(name, names, length);
        name[length] = '\0';
        if (seccomp_syscall_resolve_name(name) == call)
            return true;
        names += length;
    }
    return false;
}

int __wrap_seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call,
                                  unsigned int count, const struct scmp_arg_cmp *arguments)
{
    for (unsigned i = 0; i < sizeof groups / sizeof *groups; i++)
        if (without(groups[i].mechanism) && is_one_of(call, groups[i].calls))
            return 0;
    return __real_seccomp_rule_add_array(filter, action, call, count, arguments);
}

int __wrap_seccomp_attr_set(scmp_filter_ctx filter, enum scmp_filter_attr attribute, uint32_t value)
{
    if (attribute == SCMP_FLTATR_ACT_BADARCH && without("filter-numbers"))
        value = SCMP_ACT_ALLOW;
    return __real_seccomp_attr_set(filter, attribute, value);
}
