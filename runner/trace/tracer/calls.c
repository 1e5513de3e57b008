// SPDX-License-Identifier: MIT
/*
 * Observer of system calls: what a call is about is looked at when it begins. Calls that send or
 * close are written at once and completed when they end: the grader may have read the bytes, judged
 * them and ended the program before the call comes back. call_end.c has the ends.
 */
#include "trace/tracer/tracer.h"

#include <stdio.h>
#include <string.h>

static bool is_loader(const struct process *process, uint64_t instruction)
{
    return instruction >= process->loader_start && instruction < process->loader_end;
}

// The file that a descriptor is; nothing for what has no path.
static void descriptor_path(struct tracer *tracer, const struct thread *thread, uint64_t descriptor,
                            struct snapshot_event *event)
{
    char name[32], path[SNAPSHOT_PATH_MOST];
    snprintf(name, sizeof name, "fd/%d", (int)descriptor);
    proc_link(thread->tid, name, path, sizeof path);
    if (path[0] == '/')
        event_path(tracer, event, path);
}

static void event_descriptor(const struct thread *thread, struct snapshot_event *event)
{
    if (thread->call->argument < 0 || thread->call->kind == TRACED_NAMES_PATH)
        return;
    event->descriptor = (int)event->arguments[thread->call->argument];
    struct ports ports = sockets_look(thread, event->descriptor);
    event->socket = ports.kind;
    event->local = ports.local;
    event->peer = ports.peer;
}

// A loop that fails again and again at one place is one event with a count.
bool call_repeats(const struct thread *thread)
{
    const struct snapshot_event *now = &thread->now.event, *last = &thread->last.event;
    return thread->last.at >= 0 && now->number == last->number &&
           now->descriptor == last->descriptor &&
           registers_stack(&now->registers) == registers_stack(&last->registers) &&
           now->arguments[1] == last->arguments[1] && now->arguments[2] == last->arguments[2];
}

static enum weight call_weight(const struct snapshot_event *event)
{
    return event->socket == SOCKET_CONNECTED || event->socket == SOCKET_LISTENING ? WEIGHT_CALL
                                                                                  : WEIGHT_MINOR;
}

void call_write(struct tracer *tracer, struct thread *thread)
{
    struct snapshot_event *event = &thread->now.event;
    const struct traced_call *call = thread->call;
    event->path_bytes = 0;
    if (call->kind == TRACED_SENDS || call->kind == TRACED_RECEIVES) {
        uint64_t most = SNAPSHOT_DATA_MOST;
        if (call->kind == TRACED_RECEIVES)
            most = event->result > 0 ? (uint64_t)event->result : 0;
        event_pieces(tracer, thread, call, most, event);
        uint64_t file = call->shape == TRACED_FROM_SECOND  ? event->arguments[1]
                        : call->shape == TRACED_FROM_FIRST ? event->arguments[0]
                                                           : (uint64_t)event->descriptor;
        if (event->socket == SOCKET_NONE || call->shape == TRACED_FROM_SECOND)
            descriptor_path(tracer, thread, file, event);
    }
    // The sanitizers' run time reads /proc; no exercise does.
    if (event->path_bytes > 6 && memcmp(tracer->parts.path, "/proc/", 6) == 0)
        return;
    event_look(tracer, thread, event);
    enum weight weight = call->kind == TRACED_SETS_UP ? WEIGHT_CALL : call_weight(event);
    thread->now.at = event_write(tracer, thread, event, weight);
}

static void begin_early(struct tracer *tracer, struct thread *thread)
{
    struct snapshot_event *event = &thread->now.event;
    event->result = SNAPSHOT_UNFINISHED;
    registers_read(thread->tid, &event->registers);
    int64_t last = thread->last.event.result;
    thread->repeats = call_repeats(thread) && last <= 0 && last != SNAPSHOT_UNFINISHED;
    if (!thread->repeats)
        call_write(tracer, thread);
}

// Counted, and neither looked at nor stopped at its end: a flood costs no more than it has to.
static bool is_for_nobody(struct tracer *tracer, const struct thread *thread)
{
    bool moves = thread->call->kind == TRACED_SENDS || thread->call->kind == TRACED_RECEIVES;
    if (!moves || call_weight(&thread->now.event) != WEIGHT_MINOR ||
        !output_is_full(&tracer->output, WEIGHT_MINOR))
        return false;
    tracer->output.lost++;
    return true;
}

static bool call_began(struct tracer *tracer, struct thread *thread,
                       const struct __ptrace_syscall_info *info)
{
    const struct traced_call *call = traced_call_find((int)info->seccomp.nr);
    if (call == NULL)
        return false;
    if (call->kind == TRACED_MAPS_CODE)
        thread->process->has_maps = false;
    // What the dynamic loader does is nobody's line.
    if (call->kind == TRACED_MAPS_CODE || is_loader(thread->process, info->instruction_pointer))
        return false;
    thread->call = call;
    thread->repeats = false;
    thread->now.at = -1;
    thread->now.event = event_new(thread, EVENT_CALL);
    struct snapshot_event *event = &thread->now.event;
    event->number = (int)info->seccomp.nr;
    for (size_t i = 0; i < 6; i++)
        event->arguments[i] = info->seccomp.args[i];
    event_descriptor(thread, event);
    if (is_for_nobody(tracer, thread))
        return false;
    if (call->kind == TRACED_CLOSES && event->socket == SOCKET_NONE) {
        sockets_forget(thread->process, event->descriptor);
        return false;
    }
    if (call->kind == TRACED_SENDS || call->kind == TRACED_CLOSES)
        begin_early(tracer, thread);
    return true;
}

const struct observer calls_observer = {.call_began = call_began, .call_ended = call_ended};
