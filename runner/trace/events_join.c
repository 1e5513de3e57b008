// SPDX-License-Identifier: MIT
/*
 * Events and transcript: a connection is known by its two ports, a byte by counting what the calls
 * on a connection gave and took, a moment by the clock that both sides read.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "trace/events.h"

struct flow { // of one connection
    int connection;
    size_t sent, received;
};

struct join {
    const struct check_result *check;
    const struct strings *given;
    double zero; // CLOCK_MONOTONIC when the program was executed
    struct flow *flows;
    size_t flow_count;
    int *pids; // in the order of their appearance
    size_t pid_count;
    int *tids;
    size_t tid_count;
};

// ---------------------------------------------------------------- connections

// A connection's ports are the same from its first record to its last; of two connections with the
// same ports, the later one.
static int connection_of(const struct check_result *check, int local, int peer)
{
    if (local == 0 || peer == 0)
        return 0;
    for (size_t i = check->transcript_count; i > 0; i--) {
        const struct io_record *record = &check->transcript[i - 1];
        if (record->local == peer && record->peer == local)
            return record->connection;
    }
    return 0;
}

static struct flow *flow_of(struct join *join, int connection)
{
    for (size_t i = 0; i < join->flow_count; i++)
        if (join->flows[i].connection == connection)
            return &join->flows[i];
    join->flows = mem_resize(join->flows, (join->flow_count + 1) * sizeof *join->flows);
    join->flows[join->flow_count] = (struct flow){.connection = connection};
    return &join->flows[join->flow_count++];
}

// ---------------------------------------------------------------- bytes

static size_t moved(const struct event *event)
{
    if (event->shown.result <= 0)
        return 0;
    bool peeks = event->number == SYS_recvfrom && (event->arguments[3] & MSG_PEEK) != 0;
    peeks = peeks || (event->number == SYS_recvmsg && (event->arguments[2] & MSG_PEEK) != 0);
    if (peeks)
        return 0;
    if (event->number != SYS_sendmmsg && event->number != SYS_recvmmsg)
        return (size_t)event->shown.result;
    size_t all = 0; // the result counts messages
    for (size_t i = 0; i < event->piece_count; i++)
        all += (size_t)event->pieces[i].length;
    return all;
}

// splice() moves bytes either way; its third argument is where they go.
static bool sends(const struct event *event)
{
    if (event->number == SYS_splice)
        return (int)event->arguments[2] == event->shown.descriptor;
    return event->call->kind == CALL_SEND;
}

static void count_bytes(struct join *join, struct event *event)
{
    enum call_kind kind = event->call->kind;
    if (event->kind != EVENT_CALL || (kind != CALL_SEND && kind != CALL_RECEIVE))
        return;
    struct trace_event *shown = &event->shown;
    shown->from_program = sends(event);
    shown->length = moved(event);
    if (shown->connection == 0)
        return;
    struct flow *flow = flow_of(join, shown->connection);
    size_t *total = shown->from_program ? &flow->sent : &flow->received;
    shown->offset = *total;
    *total += shown->length;
}

// ---------------------------------------------------------------- what is shown

static int ordinal(int **list, size_t *count, int id)
{
    for (size_t i = 0; i < *count; i++)
        if ((*list)[i] == id)
            return (int)i + 1;
    *list = mem_resize(*list, (*count + 1) * sizeof **list);
    (*list)[(*count)++] = id;
    return (int)*count;
}

static enum trace_event_kind shown_kind(enum snapshot_event_kind kind)
{
    switch (kind) {
    case EVENT_STUCK:
        return TRACE_STUCK;
    case EVENT_SIGNAL:
        return TRACE_SIGNAL;
    case EVENT_EXIT:
        return TRACE_EXIT;
    case EVENT_WATCH:
        return TRACE_WATCH;
    case EVENT_STARTED:
    case EVENT_CALL:
        break;
    }
    return TRACE_CALL;
}

static char *shown_call(const struct event *event)
{
    if (event->kind == EVENT_SIGNAL) {
        const char *name = sigabbrev_np(event->number);
        return name != NULL ? str_format("SIG%s", name) : str_format("signal %d", event->number);
    }
    if (event->kind == EVENT_STARTED)
        return mem_copy_string("execve");
    if (event->kind == EVENT_EXIT)
        return mem_copy_string("exit");
    return event->number >= 0 ? mem_copy_string(event->call->name) : NULL;
}

// Files that the lab gives are not the learner's to mend.
static void drop_given(const struct strings *given, struct event *event)
{
    for (size_t i = 0; i < event->frame_count; i++) {
        struct event_frame *frame = &event->frames[i];
        if (frame->file != NULL && given != NULL && strings_have(given, frame->file)) {
            free(take(frame->file));
            frame->line = 0;
        }
    }
}

static void add_own_frames(struct event *event)
{
    struct trace_event *shown = &event->shown;
    shown->frames = mem_alloc_array(event->frame_count, sizeof *shown->frames);
    for (size_t i = 0; i < event->frame_count; i++) {
        const struct event_frame *frame = &event->frames[i];
        if (frame->file != NULL)
            shown->frames[shown->frame_count++] = (struct source_frame){
                mem_copy_string(frame->file), frame->line, mem_copy_string(frame->function)};
    }
}

static void join_event(struct join *join, struct event *event)
{
    struct trace_event *shown = &event->shown;
    shown->kind = shown_kind(event->kind);
    shown->at = (double)event->clock * 1e-9 - join->zero;
    shown->until = event->after > 0 ? (double)event->after * 1e-9 - join->zero : shown->at;
    shown->process = ordinal(&join->pids, &join->pid_count, event->pid);
    shown->thread = ordinal(&join->tids, &join->tid_count, event->tid);
    shown->call = shown_call(event);
    shown->connection = connection_of(join->check, event->local, event->peer);
    shown->outgoing = check_connection_is_outgoing(join->check, shown->connection);
    for (size_t i = 0; i < event->socket_count; i++) {
        struct event_socket *socket = &event->sockets[i];
        socket->connection = connection_of(join->check, socket->local, socket->peer);
        socket->outgoing = check_connection_is_outgoing(join->check, socket->connection);
    }
    count_bytes(join, event);
    drop_given(join->given, event);
    add_own_frames(event);
}

// Some calls are told when they begin, others when they have ended.
static int by_clock(const void *a, const void *b)
{
    const struct event *const first = a, *const second = b;
    if (first->clock != second->clock)
        return first->clock > second->clock ? 1 : -1;
    return (first->order > second->order) - (first->order < second->order);
}

void events_join(struct events *events, const struct check_result *check,
                 const struct strings *given)
{
    struct join join = {.check = check, .given = given, .zero = check->clock};
    if (events->count > 0)
        qsort(events->items, events->count, sizeof *events->items, by_clock);
    if (join.zero <= 0 && events->count > 0)
        join.zero = (double)events->items[0].clock * 1e-9;
    for (size_t i = 0; i < events->count; i++)
        join_event(&join, &events->items[i]);
    free(join.flows);
    free(join.pids);
    free(join.tids);
}
