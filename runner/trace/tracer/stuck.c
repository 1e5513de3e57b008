// SPDX-License-Identifier: MIT
/*
 * A program that hangs: every thread's state as it is, then all are stopped, and each one's
 * registers, stack and call are recorded. A thread that does not stop in time (it waits in vfork,
 * or the machine is busy) is recorded from what /proc says.
 */
#include "trace/tracer/tracer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/str.h"

// On a busy machine it takes a while until a thread gets to stop; the grader waits longer than
// this.
#define GATHER_NANOSECONDS 2000000000
#define PASSES 4           // threads that were made meanwhile
enum { FUTEX_BYTES = 16 }; // a mutex: lock, count, owner

static void ask_to_stop(struct tracer *tracer, const struct task *task)
{
    struct thread *thread = thread_find(tracer, task->tid);
    if (thread == NULL && loop_seize(tracer, task->tid, false))
        thread = thread_find(tracer, task->tid);
    if (thread == NULL || thread->held || thread->wanted)
        return;
    thread->wanted = ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL) == 0;
}

// The parent of a vfork (state D) stops when its child has executed or ended, and not before.
static bool may_stop(const struct thread *thread)
{
    char text[1024];
    proc_read(thread->process->pid, thread->tid, "stat", text, sizeof text);
    const char *state = strrchr(text, ')'); // the name before it may hold anything
    return state == NULL || strncmp(state, ") D", 3) != 0;
}

static bool all_are_held(const struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->thread_count; i++)
        if (tracer->threads[i]->wanted && !tracer->threads[i]->held && may_stop(tracer->threads[i]))
            return false;
    return true;
}

static void gather(struct tracer *tracer, int64_t until)
{
    while (!all_are_held(tracer)) {
        int64_t left = until - clock_now();
        if (left <= 0)
            return;
        loop_stops(tracer, (int)(left / 1000000) + 1);
    }
}

// ---------------------------------------------------------------- one thread

static bool has_descriptor(const struct traced_call *call)
{
    return call != NULL && call->argument >= 0 && call->kind != TRACED_NAMES_PATH;
}

static void add_call(struct tracer *tracer, struct thread *thread, struct snapshot_event *event)
{
    const struct traced_call *call = traced_call_find(event->number);
    if (has_descriptor(call)) {
        event->descriptor = (int)event->arguments[call->argument];
        struct ports ports = sockets_look(thread, event->descriptor);
        event->socket = ports.kind;
        event->local = ports.local;
        event->peer = ports.peer;
        if (call->kind == TRACED_SENDS)
            event_pieces(tracer, thread, call, SNAPSHOT_DATA_MOST, event);
        char name[32], path[SNAPSHOT_PATH_MOST];
        snprintf(name, sizeof name, "fd/%d", event->descriptor);
        proc_link(thread->tid, name, path, sizeof path);
        if (path[0] == '/')
            event_path(tracer, event, path);
    } else if (event->number == SYS_futex) {
        event->pieces[0] = (struct snapshot_piece){event->arguments[0], FUTEX_BYTES};
        event->piece_count = 1;
        event->data_bytes = (uint32_t)memory_read(thread->tid, event->arguments[0],
                                                  tracer->parts.data, FUTEX_BYTES);
    }
}

// "NUMBER ARGUMENTS… STACK INSTRUCTION", "-1 STACK INSTRUCTION" or "running".
static void look_from_outside(struct tracer *tracer, const struct thread *thread,
                              struct snapshot_event *event)
{
    char text[256];
    proc_read(thread->process->pid, thread->tid, "syscall", text, sizeof text);
    char *at;
    event->is_partial = 1;
    long number = strtol(text, &at, 10);
    if (at == text)
        return;
    event->number = number >= 0 ? (int)number : -1;
    for (size_t i = 0; number >= 0 && i < 6; i++)
        event->arguments[i] = strtoull(at, &at, 0);
    event->stack_address = strtoull(at, &at, 0);
    registers_set(&event->registers, event->stack_address, strtoull(at, &at, 0));
    event->stack_bytes = (uint32_t)memory_read(thread->tid, event->stack_address,
                                               tracer->parts.stack, SNAPSHOT_STACK_MOST);
}

static void record(struct tracer *tracer, struct thread *thread, const struct task *task)
{
    struct snapshot_event event = event_new(thread, EVENT_STUCK);
    event.state = task->state;
    event.cpu = task->cpu;
    event.own_tid = task->own_tid;
    if (thread->held) {
        event_look(tracer, thread, &event);
        event.number = registers_call(thread->tid, &event.registers);
        registers_arguments(&event.registers, event.arguments);
        if (event.number < 0)
            event.number = -1;
    } else {
        look_from_outside(tracer, thread, &event);
    }
    add_call(tracer, thread, &event);
    event_polled(tracer, thread, &event);
    event_write(tracer, thread, &event, WEIGHT_END);
}

// A thread that may not be traced (another one traces it) is in no table.
static void record_task(struct tracer *tracer, const struct task *task)
{
    struct thread *thread = thread_find(tracer, task->tid);
    bool is_new = thread == NULL;
    if (is_new)
        thread = thread_add(tracer, task->tid);
    record(tracer, thread, task);
    if (is_new)
        thread_remove(tracer, thread);
}

void stuck_record(struct tracer *tracer, pid_t pid)
{
    struct tasks tasks = {NULL, 0};
    int64_t until = clock_now() + GATHER_NANOSECONDS;
    size_t seen = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        tasks_list(&tasks, pid);
        if (tasks.count == seen)
            break;
        for (; seen < tasks.count; seen++)
            ask_to_stop(tracer, &tasks.items[seen]);
        gather(tracer, until);
    }
    for (size_t i = 0; i < tasks.count; i++)
        record_task(tracer, &tasks.items[i]);
    free(tasks.items);
}
