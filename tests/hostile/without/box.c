// SPDX-License-Identifier: MIT
/*
 * Processes, users and cells with mechanisms left out. Whatever lab would then do to the machine
 * itself is left out too: the loopback of the machine is not raised, its settings are not written.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "box/process.h"
#include "box/user.h"
#include "bubblewrap.h"
#include "without.h"

bool __real_process_start(const struct process_options *options, struct process *out,
                          struct err *err);
bool __wrap_process_start(const struct process_options *options, struct process *out,
                          struct err *err);
bool __real_user_is_root(void);
bool __wrap_user_is_root(void);
bool __real_user_pick(struct process_user *out, int *out_lock, struct err *err);
bool __wrap_user_pick(struct process_user *out, int *out_lock, struct err *err);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
int __real_mount(const char *source, const char *target, const char *type, unsigned long flags,
                 const void *data);
int __wrap_mount(const char *source, const char *target, const char *type, unsigned long flags,
                 const void *data);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_ioctl(int file, unsigned long request, ...);
int __wrap_ioctl(int file, unsigned long request, ...);
pid_t __real_setsid(void);
pid_t __wrap_setsid(void);

pid_t __wrap_setsid(void)
{
    return without("session") ? getpid() : __real_setsid();
}

// ---------------------------------------------------------------- processes

static void add_all(struct strings *out, const char *const *list)
{
    for (; list != NULL && *list != NULL; list++)
        strings_add(out, *list);
}

// What is left out is told to every process that is started; bubblewrap hands it to box-init.
static void add_environment(struct strings *out, const struct process_options *options)
{
    static const char *const own[] = {"HOSTILE_WITHOUT", "HOSTILE_FOLDER", "HOSTILE_SHORT"};
    add_all(out, options->environment);
    if (options->argv[1] != NULL && strcmp(options->argv[1], "--serve") == 0 &&
        without("environment-grader"))
        add_all(out, (const char *const *)environ);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (getenv(own[i]) != NULL)
            strings_add_format(out, "%s=%s", own[i], getenv(own[i]));
}

bool __wrap_process_start(const struct process_options *options, struct process *out,
                          struct err *err)
{
    struct process_options own = *options;
    auto_strings struct strings argv = STRINGS_INIT;
    auto_strings struct strings environment = STRINGS_INIT;
    add_environment(&environment, options);
    own.environment = (const char *const *)environment.items;
    if (strcmp(options->argv[0], "bwrap") == 0) {
        bubblewrap_without(options->argv, &argv);
        own.argv = (const char *const *)argv.items;
    }
    return __real_process_start(&own, out, err);
}

// ---------------------------------------------------------------- users

bool __wrap_user_is_root(void)
{
    return !without("user") && __real_user_is_root();
}

bool __wrap_user_pick(struct process_user *out, int *out_lock, struct err *err)
{
    if (!without("user"))
        return __real_user_pick(out, out_lock, err);
    *out_lock = -1;
    *out = (struct process_user){false, geteuid(), getegid(), NULL};
    return true;
}

// ---------------------------------------------------------------- cells

static void keep_namespaces(struct clone_args *arguments)
{
    static const struct {
        uint64_t flag;
        const char *name;
    } flags[] = {{CLONE_NEWUSER, "cell-user"},
                 {CLONE_NEWNET, "cell-network"},
                 {CLONE_NEWPID, "cell-processes"},
                 {CLONE_NEWIPC, "cell-ipc"}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (without(flags[i].name))
            arguments->flags &= ~flags[i].flag;
}

long __wrap_syscall(long number, ...)
{
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_clone3)
        keep_namespaces((struct clone_args *)arguments[0]);
    if (number == SYS_openat2 && without("kit-files")) {
        struct open_how *how = (struct open_how *)arguments[2];
        how->resolve = 0;
        how->flags &= ~(uint64_t)O_NONBLOCK;
    }
    return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4], arguments[5]);
}

int __wrap_mount(const char *source, const char *target, const char *type, unsigned long flags,
                 const void *data)
{
    // Only the owner of a namespace of processes may mount its /proc.
    if (type != NULL && strcmp(type, "proc") == 0 && without("cell-processes"))
        return 0;
    if (type == NULL || strcmp(type, "tmpfs") != 0)
        return __real_mount(source, target, type, flags, data);
    char settings[256];
    unsigned long long size, files;
    int rest = 0;
    if (sscanf(data, "size=%llu,nr_inodes=%llu%n", &size, &files, &rest) != 2)
        return __real_mount(source, target, type, flags, data); // a service's
    snprintf(settings, sizeof settings, "size=%llu,nr_inodes=%llu%s",
             without("scratch-size") ? 64 * size : size,
             without("scratch-files") ? 64 * files : files, (const char *)data + rest);
    return __real_mount(source, target, type, flags, settings);
}

// Maps of a namespace that was not made, settings of the machine.
static bool must_not_be_written(const char *path)
{
    return (without("cell-user") &&
            (strstr(path, "id_map") != NULL || strstr(path, "setgroups") != NULL)) ||
           (without("cell-network") && strstr(path, "disable_ipv6") != NULL);
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
    va_end(list);
    if ((flags & O_ACCMODE) == O_WRONLY && must_not_be_written(path))
        path = "/dev/null";
    return __real_open(path, flags, mode);
}

int __wrap_ioctl(int file, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (request == SIOCSIFFLAGS && without("cell-network"))
        return 0;
    return __real_ioctl(file, request, argument);
}
