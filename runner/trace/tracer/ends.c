// SPDX-License-Identifier: MIT
// Observer of a program's beginning and ends: executions, deadly signals, exits.
#include "trace/tracer/tracer.h"

#include <stdlib.h>
#include <sys/syscall.h>

static void executed(struct tracer *tracer, struct thread *thread)
{
    struct process *process = thread->process;
    process->has_maps = false;
    sockets_forget_range(process, 0, ~0U);
    thread->last.at = -1;
    maps_find_loader(process);
    struct snapshot_event event = event_new(thread, EVENT_STARTED);
    event_write(tracer, thread, &event, WEIGHT_END);
    process->has_maps = false; // the loader has not mapped anything yet
}

static bool is_in_mask(const char *status, const char *key, int signal)
{
    uint64_t mask = strtoull(proc_field(status, key), NULL, 16);
    return (mask >> (signal - 1) & 1) != 0;
}

// Its default action is to end the program, and the program has not chosen another.
static bool is_deadly(const struct thread *thread, int signal)
{
    static const int harmless[] = {SIGCHLD, SIGURG,  SIGWINCH, SIGCONT,
                                   SIGSTOP, SIGTSTP, SIGTTIN,  SIGTTOU};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (signal == harmless[i])
            return false;
    char status[4096];
    return proc_read(thread->process->pid, thread->tid, "status", status, sizeof status) > 0 &&
           !is_in_mask(status, "SigCgt:", signal) && !is_in_mask(status, "SigIgn:", signal);
}

static bool signalled(struct tracer *tracer, struct thread *thread, const siginfo_t *signal)
{
    if (!is_deadly(thread, signal->si_signo))
        return false;
    struct snapshot_event event = event_new(thread, EVENT_SIGNAL);
    event.number = signal->si_signo;
    // Sent by somebody (kill) there is no address: si_code tells.
    if ((signal->si_signo == SIGSEGV || signal->si_signo == SIGBUS) && signal->si_code > 0)
        event.address = (uintptr_t)signal->si_addr;
    event_look(tracer, thread, &event);
    event_write(tracer, thread, &event, WEIGHT_END);
    return false;
}

// One thread ends the whole process by exit_group; the others are killed by it and say nothing.
static void exits(struct tracer *tracer, struct thread *thread, int status)
{
    struct snapshot_event event = event_new(thread, EVENT_EXIT);
    event_look(tracer, thread, &event);
    int call = registers_call(thread->tid, &event.registers);
    bool last = thread->process->threads == 1;
    if (call != SYS_exit_group && !(call == SYS_exit && last))
        return;
    event.number = call;
    event.result = status;
    event_write(tracer, thread, &event, WEIGHT_END);
}

const struct observer ends_observer = {
    .executed = executed, .signalled = signalled, .exits = exits};
