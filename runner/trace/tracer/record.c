// SPDX-License-Identifier: MIT
/*
 * Observer that records the learner's own code while it serves one connection: from its accept, or
 * its connect, on, or from the moment on when so many bytes have been sent on it, or from the
 * program's start on.
 */
#include <sys/syscall.h>

#include "trace/tracer/tracer.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "trace/tracer.h"
#include "trace/tracer/step.h"

struct record_wish {
    struct stepper *stepper; // NULL before the program is executed
    unsigned long connection;
    bool from_main;
    uint64_t from; // bytes sent
    unsigned long accepted;
    uint16_t port; // the connection's other end, 0: not there yet
    uint64_t sent, received;
    bool began;
};

struct record_wish *record_wish_new(const char *connection, const char *sent)
{
    struct record_wish *wish = mem_alloc(sizeof *wish);
    wish->connection = strtoul(connection, NULL, 10);
    wish->from_main = str_equal(sent, RECORD_FROM_MAIN);
    wish->from = strtoull(sent, NULL, 10);
    return wish;
}

// A check may start its program several times: what fails is the last one, as the others have
// ended.
void record_again(struct tracer *tracer)
{
    struct record_wish *wish = tracer->record;
    if (wish == NULL || !wish->from_main || wish->stepper == NULL)
        return;
    stepper_free(wish->stepper);
    wish->stepper = NULL;
    wish->began = false;
    wish->port = 0;
}

void record_stop(struct tracer *tracer)
{
    if (tracer->record != NULL && tracer->record->stepper != NULL)
        stepper_stop(tracer->record->stepper);
}

void record_end(struct tracer *tracer)
{
    if (tracer->record == NULL)
        return;
    if (tracer->record->stepper != NULL && tracer->record->began)
        stepper_write(tracer->record->stepper, TRACER_RECORDING);
    stepper_free(tracer->record->stepper);
    free(tracer->record);
    tracer->record = NULL;
}

// ---------------------------------------------------------------- where the code lies

// The executable's own mappings: where it begins, and its code.
static bool find_code(const char *maps, const char *path, uint64_t *base, uint64_t *start,
                      uint64_t *end)
{
    *base = *start = *end = 0;
    for (const char *line = maps; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        uint64_t from, to;
        char rights[8];
        auto_free char *text = str_format("%.*s", (int)length, line);
        if (sscanf(text, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, rights) == 3 &&
            str_ends_with(text, path)) {
            if (*base == 0)
                *base = from;
            if (rights[2] == 'x' && *start == 0) {
                *start = from;
                *end = to;
            }
        }
        line += length + (line[length] == '\n');
    }
    return *base != 0 && *start != 0;
}

// The address of the first instruction of the program that a process executes; 0: not known.
static uint64_t entry_of(pid_t pid)
{
    enum { PAIRS_MOST = 64 };
    uint64_t pairs[PAIRS_MOST][2] = {{0}};
    proc_read(pid, 0, "auxv", (char *)pairs, sizeof pairs);
    for (int i = 0; i < PAIRS_MOST && pairs[i][0] != AT_NULL; i++)
        if (pairs[i][0] == AT_ENTRY)
            return pairs[i][1];
    return 0;
}

static void executed(struct tracer *tracer, struct thread *thread)
{
    enum { MAPS_MOST = 64 * 1024 };
    if (tracer->record == NULL)
        return;
    if (tracer->record->stepper != NULL) { // what it executes now is not what was recorded
        stepper_ended(tracer->record->stepper, thread->tid);
        thread->steps = false;
        return;
    }
    char path[SNAPSHOT_PATH_MOST];
    auto_free char *maps = mem_alloc(MAPS_MOST);
    uint64_t base, start, end;
    proc_link(thread->process->pid, "exe", path, sizeof path);
    proc_read(thread->process->pid, 0, "maps", maps, MAPS_MOST);
    if (path[0] == '/' && find_code(maps, path, &base, &start, &end))
        tracer->record->stepper = stepper_new(base, start, end);
    if (tracer->record->stepper == NULL || !tracer->record->from_main)
        return;
    tracer->record->began = true;
    stepper_start(tracer->record->stepper, thread->tid, entry_of(thread->process->pid));
}

// ---------------------------------------------------------------- when it begins

static void begin(struct record_wish *wish, struct thread *thread, int descriptor)
{
    if (!wish->began)
        stepper_connection(wish->stepper, descriptor, wish->sent, wish->received);
    wish->began = true;
    stepper_begin(wish->stepper, thread->tid);
}

// A client's connection is made by connect(), which may go on while the call has returned.
static bool has_connected(const struct thread *thread, int64_t result)
{
    return thread->now.event.number == SYS_connect && (result == 0 || result == -EINPROGRESS) &&
           thread->now.event.peer != 0;
}

static void on_accepted(struct record_wish *wish, struct thread *thread, int descriptor)
{
    if (++wish->accepted != wish->connection)
        return;
    wish->port = sockets_look(thread, descriptor).peer;
    if (wish->from_main)
        stepper_connection(wish->stepper, descriptor, 0, 0);
    else if (wish->from == 0)
        begin(wish, thread, descriptor);
}

static void on_bytes(struct record_wish *wish, struct thread *thread, uint64_t count)
{
    const struct snapshot_event *event = &thread->now.event;
    bool sends = thread->call->kind == TRACED_SENDS;
    bool wanted = false;
    if (wish->port == 0 || event->peer != wish->port || wish->from_main)
        return;
    if (sends) {
        wanted = wish->from > 0 && wish->sent < wish->from && wish->sent + count >= wish->from;
        wish->sent += count;
    } else {
        wanted = wish->sent >= wish->from;
    }
    if (wanted)
        begin(wish, thread, event->descriptor);
    if (!sends)
        wish->received += count;
}

static void ended(struct tracer *tracer, struct thread *thread, int64_t result)
{
    struct record_wish *wish = tracer->record;
    if (wish == NULL || wish->stepper == NULL || thread->call == NULL)
        return;
    if (thread->call->kind == TRACED_ACCEPTS && result >= 0)
        on_accepted(wish, thread, (int)result);
    else if (has_connected(thread, result))
        on_accepted(wish, thread, thread->now.event.descriptor);
    else if ((thread->call->kind == TRACED_SENDS || thread->call->kind == TRACED_RECEIVES) &&
             result > 0)
        on_bytes(wish, thread, (uint64_t)result);
    thread->steps = stepper_steps(wish->stepper, thread->tid);
}

// ---------------------------------------------------------------- while it lasts

// The kernel's word for a step or a breakpoint, not a trap of the program's own.
static bool is_step(const siginfo_t *signal)
{
    return signal->si_signo == SIGTRAP && signal->si_code > 0 && signal->si_code <= TRAP_HWBKPT;
}

static bool signalled(struct tracer *tracer, struct thread *thread, const siginfo_t *signal)
{
    struct record_wish *wish = tracer->record;
    if (wish == NULL || wish->stepper == NULL || !is_step(signal) ||
        !stepper_follows(wish->stepper, thread->tid))
        return false;
    stepper_trapped(wish->stepper, thread->tid);
    thread->steps = stepper_steps(wish->stepper, thread->tid);
    return true;
}

static void child_began(struct tracer *tracer, struct thread *thread, struct thread *child)
{
    struct record_wish *wish = tracer->record;
    if (wish != NULL && wish->stepper != NULL && stepper_follows(wish->stepper, thread->tid))
        stepper_adopt(wish->stepper, thread->tid, child->tid, child->process != thread->process);
}

static void gone(struct tracer *tracer, struct thread *thread)
{
    if (tracer->record != NULL && tracer->record->stepper != NULL)
        stepper_ended(tracer->record->stepper, thread->tid);
}

const struct observer record_observer = {.thread_gone = gone,
                                         .executed = executed,
                                         .call_ended = ended,
                                         .child_began = child_began,
                                         .signalled = signalled};
