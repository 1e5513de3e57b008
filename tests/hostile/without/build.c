// SPDX-License-Identifier: MIT
// What guards the build, left out: limits of compilations, the way a source is read.
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "build/compile.h"
#include "build/watch.h"
#include "without.h"

#define MIB ((size_t)1024 * 1024)

bool __real_compile_run(const struct stage *stage, const char *sources,
                        const struct strings *hidden, const struct compile_limits *limits,
                        struct compile_job *jobs, size_t count, struct err *err);
bool __wrap_compile_run(const struct stage *stage, const char *sources,
                        const struct strings *hidden, const struct compile_limits *limits,
                        struct compile_job *jobs, size_t count, struct err *err);
struct compiling *__real_compile_begin(const struct stage *stage, const char *sources,
                                       const struct strings *hidden,
                                       const struct compile_limits *limits,
                                       struct compile_job *jobs, size_t count, struct err *err);
struct compiling *__wrap_compile_begin(const struct stage *stage, const char *sources,
                                       const struct strings *hidden,
                                       const struct compile_limits *limits,
                                       struct compile_job *jobs, size_t count, struct err *err);
struct watch_sample __real_watch_tree(pid_t root);
struct watch_sample __wrap_watch_tree(pid_t root);
int __real_openat(int at, const char *path, int flags, ...);
int __wrap_openat(int at, const char *path, int flags, ...);
int __real_fstatat(int at, const char *restrict path, struct stat *restrict out, int flags);
int __wrap_fstatat(int at, const char *restrict path, struct stat *restrict out, int flags);

static struct compile_limits own_limits(const struct compile_limits *limits)
{
    struct compile_limits own = *limits;
    const char *is_short = getenv("HOSTILE_SHORT");
    if (is_short != NULL && *is_short != '\0') {
        own.cpu_seconds = 0.5; // each process has a second
        own.memory = 256 * MIB;
        own.written = MIB;
    }
    if (without("compile-output"))
        own.written = 1024 * MIB;
    return own;
}

bool __wrap_compile_run(const struct stage *stage, const char *sources,
                        const struct strings *hidden, const struct compile_limits *limits,
                        struct compile_job *jobs, size_t count, struct err *err)
{
    const struct compile_limits own = own_limits(limits);
    return __real_compile_run(stage, sources, hidden, &own, jobs, count, err);
}

struct compiling *__wrap_compile_begin(const struct stage *stage, const char *sources,
                                       const struct strings *hidden,
                                       const struct compile_limits *limits,
                                       struct compile_job *jobs, size_t count, struct err *err)
{
    const struct compile_limits own = own_limits(limits);
    return __real_compile_begin(stage, sources, hidden, &own, jobs, count, err);
}

struct watch_sample __wrap_watch_tree(pid_t root)
{
    struct watch_sample sample = __real_watch_tree(root);
    if (without("compile-clock"))
        sample.cpu_seconds = 0;
    return sample;
}

static bool is_source(const char *path)
{
    return str_ends_with(path, ".c") || str_ends_with(path, ".h");
}

int __wrap_openat(int at, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
    va_end(list);
    if (is_source(path) && without("source-links"))
        flags &= ~O_NOFOLLOW;
    return __real_openat(at, path, flags, mode);
}

int __wrap_fstatat(int at, const char *restrict path, struct stat *restrict out, int flags)
{
    if (is_source(path) && without("source-links"))
        flags &= ~AT_SYMLINK_NOFOLLOW;
    return __real_fstatat(at, path, out, flags);
}
