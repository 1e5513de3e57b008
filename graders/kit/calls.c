// SPDX-License-Identifier: MIT
/*
 * Which system calls end by themselves after a time. /proc/PID/task/TID/syscall shows the call that
 * a sleeping thread waits in, and its arguments. The table names every call that waits for an event
 * alone; whatever is not in it may end by itself as far as the kit knows, and then only the slow
 * clock of watch.c applies. So a gap in the table costs time, never a wrong verdict.
 */
#include "core.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

enum limit {
    NEVER,   // waits for an event alone
    ALWAYS,  // has a limit whatever its arguments say, or the kernel's own clock ends it
    MILLIS,  // the argument is an int; negative: no limit
    POINTER, // the argument points to a limit; NULL: no limit
    SIGNALS, // sigwait(): POINTER, and SIGALRM may be among the signals; see below
    SOCKET,  // the argument is a descriptor; a socket may have SO_RCVTIMEO or SO_SNDTIMEO
};

struct call {
    long number;
    const char *name;
    enum limit limit;
    int argument;
};

static const struct call calls[] = {
    {SYS_read, "read()", SOCKET, 0},
    {SYS_readv, "readv()", SOCKET, 0},
    {SYS_pread64, "pread()", NEVER, 0},
    {SYS_recvfrom, "recv()", SOCKET, 0},
    {SYS_recvmsg, "recvmsg()", SOCKET, 0},
    {SYS_write, "write()", SOCKET, 0},
    {SYS_writev, "writev()", SOCKET, 0},
    {SYS_pwrite64, "pwrite()", NEVER, 0},
    {SYS_sendto, "send()", SOCKET, 0},
    {SYS_sendmsg, "sendmsg()", SOCKET, 0},
    {SYS_sendmmsg, "sendmmsg()", SOCKET, 0},
    {SYS_sendfile, "sendfile()", SOCKET, 0},
    {SYS_accept, "accept()", SOCKET, 0},
    {SYS_accept4, "accept()", SOCKET, 0},
    {SYS_connect, "connect()", ALWAYS, 0}, // a SYN is repeated, then given up
    {SYS_close, "close()", ALWAYS, 0},     // SO_LINGER
    {SYS_recvmmsg, "recvmmsg()", POINTER, 4},
#ifdef SYS_poll
    {SYS_poll, "poll()", MILLIS, 2},
    {SYS_select, "select()", POINTER, 4},
    {SYS_epoll_wait, "epoll_wait()", MILLIS, 3},
    {SYS_pause, "pause()", NEVER, 0},
    {SYS_vfork, "vfork()", NEVER, 0},
    {SYS_open, "open()", NEVER, 0},
#endif
    {SYS_ppoll, "poll()", POINTER, 2},
    {SYS_pselect6, "select()", POINTER, 4},
    {SYS_epoll_pwait, "epoll_wait()", MILLIS, 3},
    {SYS_epoll_pwait2, "epoll_wait()", POINTER, 3},
    {SYS_nanosleep, "sleep()", ALWAYS, 0},
    {SYS_clock_nanosleep, "sleep()", ALWAYS, 0},
    // Waiting for a lock and for a condition is one call; only waiting can sleep, and argument 3
    // is its limit in every form of it.
    {SYS_futex, "a lock or condition variable", POINTER, 3},
    {449, "a lock or condition variable", POINTER, 3}, // futex_waitv
    {455, "a lock or condition variable", POINTER, 4}, // futex_wait
    {SYS_wait4, "waitpid()", NEVER, 0},
    {SYS_waitid, "waitid()", NEVER, 0},
    {SYS_rt_sigsuspend, "sigsuspend()", NEVER, 0},
    {SYS_rt_sigtimedwait, "sigwait()", SIGNALS, 2},
    {SYS_openat, "open()", NEVER, 0}, // a FIFO without a reader or writer
    {SYS_flock, "flock()", NEVER, 0},
    {SYS_fcntl, "fcntl()", NEVER, 0},
    {SYS_semop, "semop()", NEVER, 0},
    {SYS_semtimedop, "semtimedop()", POINTER, 3},
    {SYS_msgrcv, "msgrcv()", NEVER, 0},
    {SYS_msgsnd, "msgsnd()", NEVER, 0},
    {SYS_mq_timedreceive, "mq_receive()", POINTER, 4},
    {SYS_mq_timedsend, "mq_send()", POINTER, 4},
    {SYS_clone, "clone()", NEVER, 0},
    {SYS_clone3, "clone()", NEVER, 0},
    // A call with a limit that a signal interrupted: SIGSTOP and SIGCONT do.
    {SYS_restart_syscall, "a call with a time limit", ALWAYS, 0},
};

struct blocked {
    long number;
    uint64_t arguments[6];
};

// False when the thread is in no call (it runs, or sleeps in a page fault) or is gone.
static bool blocked_read(const struct kit_task *task, struct blocked *out)
{
    auto_free char *path = str_format("/proc/%d/task/%d/syscall", (int)task->pid, (int)task->tid);
    char text[256];
    if (!kit_proc_read(path, text, sizeof text))
        return false;
    char *at;
    errno = 0;
    out->number = strtol(text, &at, 10);
    if (at == text || errno != 0 || out->number < 0) // "running", "-1 …"
        return false;
    for (size_t i = 0; i < 6; i++)
        out->arguments[i] = strtoull(at, &at, 0);
    return true;
}

static const struct call *call_find(long number)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (calls[i].number == number)
            return &calls[i];
    return NULL;
}

static bool option_is_set(int socket, int option)
{
    struct timeval limit = {0};
    socklen_t size = sizeof limit;
    if (getsockopt(socket, SOL_SOCKET, option, &limit, &size) != 0)
        return errno != ENOTSOCK;
    return limit.tv_sec != 0 || limit.tv_usec != 0;
}

// Looks at the very descriptor of the program. What cannot be looked at may have a limit.
static bool socket_has_limit(pid_t pid, uint64_t descriptor)
{
    auto_close int process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process < 0)
        return true;
    auto_close int socket = (int)syscall(SYS_pidfd_getfd, process, (int)descriptor, 0);
    if (socket < 0)
        return true;
    return option_is_set(socket, SO_RCVTIMEO) || option_is_set(socket, SO_SNDTIMEO);
}

// The signals that sigwait() waits for are not blocked while it waits, so SigBlk does not show that
// an alarm may come: the set itself, argument 0, does.
static bool set_has_alarm(pid_t pid, uint64_t address)
{
    uint64_t set = 0;
    struct iovec here = {&set, sizeof set};
    struct iovec there = {(void *)(uintptr_t)address, sizeof set};
    if (process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)sizeof set)
        return true;
    return (set >> (SIGALRM - 1) & 1) != 0;
}

bool kit_task_has_limit(const struct kit_task *task)
{
    struct blocked blocked;
    const struct call *call;
    if (!blocked_read(task, &blocked) || (call = call_find(blocked.number)) == NULL)
        return true;
    uint64_t argument = blocked.arguments[call->argument];
    switch (call->limit) {
    case NEVER:
        return false;
    case ALWAYS:
        return true;
    case MILLIS:
        return (int)(uint32_t)argument >= 0;
    case POINTER:
        return argument != 0;
    case SIGNALS:
        return argument != 0 || set_has_alarm(task->pid, blocked.arguments[0]);
    case SOCKET:
        return socket_has_limit(task->pid, argument);
    }
    return true;
}

const char *kit_task_call(const struct kit_task *task)
{
    struct blocked blocked;
    if (!blocked_read(task, &blocked))
        return NULL;
    const struct call *call = call_find(blocked.number);
    if (call != NULL)
        return call->name;
    auto_free char *name = str_format("system call %ld", blocked.number);
    return kit_keep_bytes(name, strlen(name));
}

bool kit_task_in_vfork(const struct kit_task *task)
{
    struct blocked blocked;
    if (!blocked_read(task, &blocked))
        return false;
#ifdef SYS_vfork
    if (blocked.number == SYS_vfork)
        return true;
#endif
    return blocked.number == SYS_clone || blocked.number == SYS_clone3;
}

// fdinfo of a timerfd: "it_value: (SECONDS, NANOSECONDS)", both zero when it is not armed.
static bool timerfd_is_armed(pid_t pid, const char *descriptor)
{
    auto_free char *path = str_format("/proc/%d/fdinfo/%s", (int)pid, descriptor);
    char text[1024];
    if (!kit_proc_read(path, text, sizeof text))
        return false;
    const char *value = kit_proc_field(text, "it_value:");
    return *value == '\0' || strpbrk(value, "123456789") != NULL;
}

static bool has_armed_timerfd(pid_t pid)
{
    auto_free char *path = str_format("/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return true;
    bool armed = false;
    for (struct dirent *entry; !armed && (entry = readdir(folder)) != NULL;) {
        char target[64] = "";
        if (readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1) > 0 &&
            strcmp(target, "anon_inode:[timerfd]") == 0)
            armed = timerfd_is_armed(pid, entry->d_name);
    }
    closedir(folder);
    return armed;
}

bool kit_process_has_timer(pid_t pid)
{
    auto_free char *path = str_format("/proc/%d/timers", (int)pid);
    auto_close int timers = open(path, O_RDONLY | O_CLOEXEC);
    char first;
    // A kernel without this file cannot say; then it may have one.
    if (timers < 0 || read(timers, &first, 1) != 0)
        return true;
    return has_armed_timerfd(pid);
}
