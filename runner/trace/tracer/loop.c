// SPDX-License-Identifier: MIT
/*
 * The ptrace loop. Each stop of a thread is told to the observers and the thread goes on; nothing
 * here records anything. A request to a thread that has been killed meanwhile fails with ESRCH and
 * is forgotten: its end is reported by wait.
 */
#include "trace/tracer/tracer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80) // PTRACE_O_TRACESYSGOOD

// Stops that are handled before the socket is looked at again.
enum { STOPS_A_TURN = 64 };

static void *number(unsigned long value)
{
    return (void *)(uintptr_t)value;
}

static bool wants_call(struct tracer *tracer, struct thread *thread,
                       const struct __ptrace_syscall_info *call)
{
    bool wanted = false;
    for (size_t i = 0; observers[i] != NULL; i++)
        if (observers[i]->call_began != NULL)
            wanted = observers[i]->call_began(tracer, thread, call) || wanted;
    return wanted;
}

#define tell(function, ...)                                                                        \
    for (size_t i_ = 0; observers[i_] != NULL; i_++)                                               \
        if (observers[i_]->function != NULL)                                                       \
    observers[i_]->function(__VA_ARGS__)

// ---------------------------------------------------------------- going on

void thread_go(struct thread *thread, int signal)
{
    thread->stopped = thread->held = false;
    if (thread->group_stop != 0 && signal == 0) {
        // It obeys a stop signal: it stays stopped, yet we hear when it is continued.
        ptrace(PTRACE_LISTEN, thread->tid, NULL, NULL);
        return;
    }
    long request = thread->inside  ? PTRACE_SYSCALL
                   : thread->steps ? PTRACE_SINGLESTEP
                                   : PTRACE_CONT;
    ptrace((enum __ptrace_request)request, thread->tid, NULL, number((unsigned long)signal));
}

bool loop_seize(struct tracer *tracer, pid_t tid, bool from_start)
{
    unsigned long options = PTRACE_O_TRACESYSGOOD;
    if (from_start)
        options |= PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT |
                   PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, tid, NULL, number(options)) != 0)
        return false;
    if (thread_find(tracer, tid) == NULL)
        thread_add(tracer, tid);
    return true;
}

// ---------------------------------------------------------------- stops

// Returns the signal to deliver.
static int on_signal(struct tracer *tracer, struct thread *thread, int signal)
{
    siginfo_t info;
    if (ptrace(PTRACE_GETSIGINFO, thread->tid, NULL, &info) != 0)
        return signal;
    bool own = false;
    for (size_t i = 0; !own && observers[i] != NULL; i++)
        if (observers[i]->signalled != NULL)
            own = observers[i]->signalled(tracer, thread, &info);
    return own ? 0 : signal;
}

static void on_call(struct tracer *tracer, struct thread *thread, bool begins)
{
    struct __ptrace_syscall_info info;
    memset(&info, 0, sizeof info);
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->tid, number(sizeof info), &info) <= 0)
        info.op = PTRACE_SYSCALL_INFO_NONE;
    bool was_inside = thread->inside;
    thread->inside =
        begins && info.op == PTRACE_SYSCALL_INFO_SECCOMP && wants_call(tracer, thread, &info);
    if (!begins && was_inside && info.op == PTRACE_SYSCALL_INFO_EXIT)
        tell(call_ended, tracer, thread, info.exit.rval);
}

// The thread that executes becomes its process's first one; the others are gone.
static struct thread *on_exec(struct tracer *tracer, struct thread *thread)
{
    unsigned long message = 0;
    ptrace(PTRACE_GETEVENTMSG, thread->tid, NULL, &message);
    for (size_t i = tracer->thread_count; i > 0; i--) {
        struct thread *other = tracer->threads[i - 1];
        if (other == thread || other->process != thread->process)
            continue;
        tell(thread_gone, tracer, other);
        thread_remove(tracer, other);
    }
    thread->inside = false;
    tell(executed, tracer, thread);
    return thread;
}

// A child knows its parent's connections.
static void on_child(struct tracer *tracer, struct thread *thread)
{
    unsigned long message = 0;
    if (ptrace(PTRACE_GETEVENTMSG, thread->tid, NULL, &message) != 0)
        return;
    struct thread *child = thread_find(tracer, (pid_t)message);
    if (child == NULL)
        child = thread_add(tracer, (pid_t)message);
    sockets_inherit(child->process, thread->process);
    if (tracer->record == NULL)
        return;
    // It stops before it runs, at once.
    int status = 0;
    if (!child->stopped && waitpid(child->tid, &status, __WALL) == child->tid && WIFSTOPPED(status))
        child->stopped = true;
    if (!child->stopped)
        return;
    tell(child_began, tracer, thread, child);
    child->wanted = false;
    thread_go(child, 0);
}

static void on_event(struct tracer *tracer, struct thread *thread, int event)
{
    unsigned long message = 0;
    switch (event) {
    case PTRACE_EVENT_SECCOMP:
        on_call(tracer, thread, true);
        break;
    case PTRACE_EVENT_CLONE:
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
        on_child(tracer, thread);
        break;
    case PTRACE_EVENT_EXEC:
        on_exec(tracer, thread);
        break;
    case PTRACE_EVENT_EXIT:
        thread->held = thread->wanted = false; // it has been killed
        if (ptrace(PTRACE_GETEVENTMSG, thread->tid, NULL, &message) == 0)
            tell(exits, tracer, thread, (int)message);
        break;
    default:
        break;
    }
}

static bool is_stop_signal(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void on_stop(struct tracer *tracer, struct thread *thread, int status)
{
    int event = status >> 16, signal = WSTOPSIG(status);
    int deliver = 0;
    thread->stopped = true;
    thread->group_stop = 0;
    if (!thread->began)
        tell(thread_began, tracer, thread);
    thread->began = true;
    if (event == PTRACE_EVENT_STOP) {
        if (is_stop_signal(signal))
            thread->group_stop = signal;
        thread->held = thread->wanted;
    } else if (event != 0) {
        on_event(tracer, thread, event);
    } else if (signal == SYSCALL_STOP) {
        on_call(tracer, thread, false);
    } else {
        deliver = on_signal(tracer, thread, signal);
    }
    if (!thread->held) {
        // Any stop uses up the wish for one: the end of the call that it interrupted comes first.
        if (thread->wanted)
            ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL);
        thread_go(thread, deliver);
    }
}

static void on_gone(struct tracer *tracer, struct thread *thread)
{
    if (thread->tid == tracer->program)
        tracer->ended = true;
    tell(thread_gone, tracer, thread);
    thread_remove(tracer, thread);
}

static void on_wait(struct tracer *tracer, pid_t tid, int status)
{
    struct thread *thread = thread_find(tracer, tid);
    if (!WIFSTOPPED(status)) {
        if (thread != NULL)
            on_gone(tracer, thread);
        return;
    }
    if (thread == NULL) { // a child whose parent has not reported it yet
        thread = thread_add(tracer, tid);
        thread->wanted = tracer->record != NULL;
    }
    on_stop(tracer, thread, status);
}

// ---------------------------------------------------------------- waiting

// True when there may be more.
static bool handle_stops(struct tracer *tracer)
{
    for (int i = 0; i < STOPS_A_TURN; i++) {
        int status = 0;
        pid_t tid = waitpid(-1, &status, WNOHANG | __WALL);
        if (tid < 0 && errno == EINTR)
            continue;
        if (tid < 0) // nobody is traced: whoever is left in the table vanished
            threads_release(tracer);
        if (tid <= 0)
            return false;
        on_wait(tracer, tid, status);
    }
    return true;
}

// True when the socket, unless it is left out, has something to read.
static bool turn(struct tracer *tracer, int socket, int milliseconds)
{
    struct pollfd ready[] = {{tracer->children, POLLIN, 0}, {socket, POLLIN, 0}};
    if (poll(ready, 2, tracer->more ? 0 : milliseconds) < 0)
        return false;
    if (ready[0].revents != 0) {
        // First the note that there is something, then what there is: none is missed.
        struct signalfd_siginfo ignored;
        ssize_t got = read(tracer->children, &ignored, sizeof ignored);
        (void)got;
        tracer->more = true;
    }
    if (tracer->more)
        tracer->more = handle_stops(tracer);
    return ready[1].revents != 0;
}

bool loop_turn(struct tracer *tracer, int milliseconds)
{
    return turn(tracer, tracer->socket, milliseconds);
}

void loop_stops(struct tracer *tracer, int milliseconds)
{
    turn(tracer, -1, milliseconds);
}
