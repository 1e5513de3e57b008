// SPDX-License-Identifier: MIT
/*
 * Where the threads of a program were when nothing more happened. The first is the one that the
 * learner has to look at: a loop that never ends, two locks that wait for each other, then whoever
 * deals with the client that gets no answer; a thread that waits for more work comes last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/rules.h"
#include "trace/stuck_thread.h"

enum { SHOWN_MOST = 4 };

struct stuck {
    const struct evidence *evidence;
    struct stuck_thread *threads; // those with a line of the learner's
    size_t count;
    size_t all;     // threads, all of them
    int unanswered; // connection; 0: none
};

// ---------------------------------------------------------------- who matters

static const struct stuck_thread *thread_by_tid(const struct stuck *stuck,
                                                const struct stuck_thread *asker, int own_tid)
{
    for (size_t i = 0; own_tid > 0 && i < stuck->count; i++)
        if (stuck->threads[i].event->own_tid == own_tid &&
            stuck->threads[i].event->pid == asker->event->pid)
            return &stuck->threads[i];
    return NULL;
}

// The thread that holds the lock, if it has a line of the learner's.
static const struct stuck_thread *holder_of(const struct stuck *stuck,
                                            const struct stuck_thread *thread)
{
    return thread->doing == THREAD_LOCK ? thread_by_tid(stuck, thread, thread->owner) : NULL;
}

// Following who holds what comes back to this thread.
static bool is_in_ring(const struct stuck *stuck, const struct stuck_thread *thread)
{
    const struct stuck_thread *at = holder_of(stuck, thread);
    for (size_t steps = 0; at != NULL && steps < stuck->count; steps++) {
        if (at == thread)
            return true;
        at = holder_of(stuck, at);
    }
    return false;
}

static int weight_of(const struct stuck *stuck, const struct stuck_thread *thread)
{
    const int connection = thread->event->shown.connection;
    switch (thread->doing) {
    case THREAD_RUNS:
        return 100;
    case THREAD_LOCK:
        return is_in_ring(stuck, thread) ? 95 : 80;
    case THREAD_CONNECTION:
        return connection == stuck->unanswered ? 90 : 70;
    case THREAD_STOPPED:
        return 75;
    case THREAD_OTHER:
        return 65;
    case THREAD_SLEEP:
        return 60;
    case THREAD_POLL:
        return 45;
    case THREAD_CONDITION:
        return 40;
    case THREAD_JOIN:
        return 30;
    case THREAD_LISTENER:
        break;
    }
    return 20;
}

int unanswered_connection(const struct check_result *check)
{
    if (check->connection > 0)
        return check->connection;
    for (size_t i = check->transcript_count; i > 0; i--) {
        const struct io_record *record = &check->transcript[i - 1];
        if (record->from_program)
            return 0;
        if (record->text[0] != '\0')
            return record->connection;
    }
    return 0;
}

// Heaviest first; of equal ones the one with more of the learner's functions on its chain, then the
// order in which they were seen.
static bool is_before(const struct stuck *stuck, const struct stuck_thread *a,
                      const struct stuck_thread *b)
{
    int first = weight_of(stuck, a), second = weight_of(stuck, b);
    if (first != second)
        return first > second;
    size_t depth = a->event->shown.frame_count, other = b->event->shown.frame_count;
    if (depth != other)
        return depth > other;
    return a->event->order < b->event->order;
}

static const struct stuck_thread **sorted(const struct stuck *stuck)
{
    const struct stuck_thread **order = mem_alloc_array(stuck->count, sizeof(void *));
    for (size_t i = 0; i < stuck->count; i++) {
        size_t at = i;
        for (; at > 0 && is_before(stuck, &stuck->threads[i], order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = &stuck->threads[i];
    }
    return order;
}

// ---------------------------------------------------------------- what is said of it

static char *lock_note(const struct stuck *stuck, const struct stuck_thread *thread)
{
    const struct stuck_thread *holder = holder_of(stuck, thread);
    if (thread->owner != 0 && thread->owner == thread->event->own_tid)
        return mem_copy_string("this thread holds that lock already");
    if (holder == NULL)
        return NULL;
    const struct source_frame *at = &holder->event->shown.frames[0];
    auto_free char *text = source_line(stuck->evidence->sources, at->file, at->line);
    auto_free char *call = stuck_thread_call(holder, text);
    if (holder_of(stuck, holder) == thread)
        return str_format("the thread at %s:%d holds this lock, and waits there for one that this "
                          "thread holds",
                          at->file, at->line);
    if (holder->doing == THREAD_RUNS || call == NULL)
        return str_format("the thread at %s:%d holds this lock", at->file, at->line);
    return str_format("the thread in %s at %s:%d holds this lock", call, at->file, at->line);
}

static char *note_of(const struct stuck *stuck, const struct stuck_thread *thread)
{
    const int connection = thread->event->shown.connection;
    switch (thread->doing) {
    case THREAD_RUNS:
        return mem_copy_string("it is at work here and waits for nothing");
    case THREAD_STOPPED:
        return mem_copy_string("it is stopped by a signal");
    case THREAD_LOCK:
        return lock_note(stuck, thread);
    case THREAD_CONNECTION:
        if (stuck->all == 1 && stuck->unanswered > 0 && stuck->unanswered != connection &&
            !thread->event->shown.outgoing)
            return str_format("no other thread is there to answer client %d", stuck->unanswered);
        return NULL;
    default:
        return NULL;
    }
}

// Threads of a pool wait at the same place for the same: told once.
static struct finding *same_finding(struct check_result *out, size_t from,
                                    const struct stuck_thread *thread, const char *call)
{
    const struct source_frame *at = &thread->event->shown.frames[0];
    for (size_t i = from; i < out->finding_count; i++) {
        struct finding *finding = &out->findings[i];
        if (finding->frames[0].line == at->line && str_equal(finding->frames[0].file, at->file) &&
            str_equal(finding->call, call))
            return finding;
    }
    return NULL;
}

static void add_thread(const struct stuck *stuck, const struct stuck_thread *thread, size_t from,
                       size_t *others, struct check_result *out)
{
    const struct source_frame *at = &thread->event->shown.frames[0];
    auto_free char *text = source_line(stuck->evidence->sources, at->file, at->line);
    auto_free char *call = stuck_thread_call(thread, text);
    const struct finding *same = same_finding(out, from, thread, call);
    if (same != NULL) {
        others[same - &out->findings[from]]++;
        return;
    }
    if (out->finding_count - from >= SHOWN_MOST)
        return;
    struct finding *finding =
        finding_of_event(stuck->evidence, thread->event, FINDING_STUCK_IN, out);
    free(finding->call);
    finding->call = take(call);
    finding->note = note_of(stuck, thread);
}

static void add_all(const struct stuck *stuck, struct check_result *out)
{
    size_t others[SHOWN_MOST] = {0};
    const size_t from = out->finding_count;
    const struct stuck_thread **order = sorted(stuck);
    for (size_t i = 0; i < stuck->count; i++)
        add_thread(stuck, order[i], from, others, out);
    free(order);
    for (size_t i = from; i < out->finding_count; i++) {
        struct finding *finding = &out->findings[i];
        size_t more = others[i - from];
        if (more > 0 && finding->note == NULL)
            finding->note = str_format("%zu threads are here", more + 1);
    }
}

// A check can find its program stuck more than once (each wait of its own); the last time counts.
static size_t last_look(const struct events *events)
{
    size_t from = 0;
    for (size_t i = 1; i < events->count; i++) {
        const struct event *event = &events->items[i];
        if (event->kind == EVENT_STUCK && events->items[i - 1].kind != EVENT_STUCK)
            from = i;
    }
    return from;
}

bool rule_stuck_in(const struct evidence *evidence, struct check_result *out)
{
    struct stuck stuck = {.evidence = evidence,
                          .unanswered = unanswered_connection(evidence->check)};
    const struct events *events = evidence->events;
    stuck.threads = mem_alloc_array(events->count, sizeof *stuck.threads);
    for (size_t i = last_look(events); i < events->count; i++) {
        if (events->items[i].kind != EVENT_STUCK)
            continue;
        stuck.all++;
        if (events->items[i].shown.frame_count > 0)
            stuck.threads[stuck.count++] = stuck_thread_of(&events->items[i]);
    }
    add_all(&stuck, out);
    free(stuck.threads);
    return stuck.count > 0;
}
