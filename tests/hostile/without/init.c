// SPDX-License-Identifier: MIT
// What box-init does for the program, left out: limits, closed descriptors, its own protection.
#include <linux/close_range.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "without.h"

int __real_setrlimit(__rlimit_resource_t resource, const struct rlimit *limit);
int __wrap_setrlimit(__rlimit_resource_t resource, const struct rlimit *limit);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
pid_t __real_setsid(void);
pid_t __wrap_setsid(void);

int __wrap_setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    static const struct {
        int resource;
        const char *name;
    } limits[] = {{RLIMIT_NPROC, "limit-processes"},    {RLIMIT_FSIZE, "limit-file"},
                  {RLIMIT_NOFILE, "limit-descriptors"}, {RLIMIT_AS, "limit-space"},
                  {RLIMIT_MEMLOCK, "limit-locked"},     {RLIMIT_CPU, "limit-cpu"}};
    for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++)
        if ((int)resource == limits[i].resource && without(limits[i].name))
            return 0;
    return __real_setrlimit(resource, limit);
}

long __wrap_syscall(long number, ...)
{
    long arguments[5];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 5; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    // The one that keeps the program from inheriting descriptors.
    if (number == SYS_close_range && (unsigned)arguments[2] == CLOSE_RANGE_CLOEXEC &&
        without("init-close"))
        return 0;
    return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4]);
}

int __wrap_prctl(int option, ...)
{
    unsigned long arguments[4];
    va_list list;
    va_start(list, option);
    for (int i = 0; i < 4; i++)
        arguments[i] = va_arg(list, unsigned long);
    va_end(list);
    if (option == PR_SET_DUMPABLE && arguments[0] == 0 && without("init-undumpable"))
        return 0;
    return __real_prctl(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}

pid_t __wrap_setsid(void)
{
    return without("session") ? getpid() : __real_setsid();
}
