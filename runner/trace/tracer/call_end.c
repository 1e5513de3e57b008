// SPDX-License-Identifier: MIT
// The end of a system call: its result, what it brought, and which descriptors are others now.
#include "trace/tracer/tracer.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

// What the kernel keeps to itself: the call was interrupted and begins again, or becomes EINTR.
static bool is_restart(int64_t result)
{
    return result <= -512 && result >= -516;
}

static void complete(struct tracer *tracer, struct thread *thread, int64_t result)
{
    struct recorded *now = &thread->now;
    now->event.result = result;
    now->event.clock_after = clock_now();
    if (now->at >= 0)
        output_again(&tracer->output, now->at, &now->event);
    thread->last = *now;
}

// The same failure again is counted, anything else written.
static void write_late(struct tracer *tracer, struct thread *thread, int64_t result)
{
    struct snapshot_event *event = &thread->now.event;
    event->result = result;
    event->clock_after = clock_now();
    registers_read(thread->tid, &event->registers);
    if (result <= 0 && call_repeats(thread) && thread->last.event.result == result) {
        struct recorded *last = &thread->last;
        last->event.repeats++;
        last->event.clock_after = event->clock_after;
        output_again(&tracer->output, last->at, &last->event);
        return;
    }
    call_write(tracer, thread);
    thread->last = thread->now;
}

// ---------------------------------------------------------------- what the kinds of calls do

static uint16_t argument_port(const struct thread *thread)
{
    const struct snapshot_event *event = &thread->now.event;
    struct sockaddr_in6 address = {0};
    if (memory_read(thread->tid, event->arguments[1], &address, sizeof(struct sockaddr_in)) == 0 ||
        (address.sin6_family != AF_INET && address.sin6_family != AF_INET6))
        return 0;
    return ntohs(address.sin6_port);
}

static void end_set_up(struct tracer *tracer, struct thread *thread, int64_t result)
{
    struct snapshot_event *event = &thread->now.event;
    int descriptor = event->number == SYS_socket ? (int)result : event->descriptor;
    sockets_forget(thread->process, descriptor);
    struct ports ports = sockets_look(thread->process, descriptor);
    event->socket = ports.kind;
    event->local = ports.local;
    event->peer = ports.peer;
    if (result < 0 && event->number == SYS_bind)
        event->local = argument_port(thread);
    if (result < 0 && event->number == SYS_connect)
        event->peer = argument_port(thread);
    write_late(tracer, thread, result);
}

static void end_accept(struct tracer *tracer, struct thread *thread, int64_t result)
{
    struct snapshot_event *event = &thread->now.event;
    if (result >= 0) {
        sockets_forget(thread->process, (int)result);
        struct ports ports = sockets_look(thread->process, (int)result);
        event->local = ports.local;
        event->peer = ports.peer;
    }
    write_late(tracer, thread, result);
}

static void end_named(struct tracer *tracer, struct thread *thread, int64_t result)
{
    struct snapshot_event *event = &thread->now.event;
    if (result >= 0) {
        sockets_forget(thread->process, (int)result); // a file was opened
        return;
    }
    uint64_t address = event->arguments[thread->call->argument];
    size_t got = memory_read(thread->tid, address, tracer->parts.path, SNAPSHOT_PATH_MOST);
    event->result = result;
    event->clock_after = clock_now();
    event_look(tracer, thread, event);
    event->path_bytes = (uint32_t)strnlen(tracer->parts.path, got);
    thread->now.at = event_write(tracer, thread, event, WEIGHT_MINOR);
    thread->last = thread->now;
}

static void end_early(struct tracer *tracer, struct thread *thread, int64_t result)
{
    if (thread->call->kind == TRACED_CLOSES && thread->now.event.number == SYS_close)
        sockets_forget(thread->process, thread->now.event.descriptor);
    if (is_restart(result))
        result = -EINTR;
    if (thread->repeats)
        write_late(tracer, thread, result);
    else
        complete(tracer, thread, result);
}

void call_ended(struct tracer *tracer, struct thread *thread, int64_t result)
{
    struct process *process = thread->process;
    const uint64_t *arguments = thread->now.event.arguments;
    switch (thread->call->kind) {
    case TRACED_SENDS:
    case TRACED_CLOSES:
        end_early(tracer, thread, result);
        return;
    case TRACED_DUPLICATES:
        sockets_forget(process, (int)arguments[1]);
        return;
    case TRACED_CLOSES_MANY:
        sockets_forget_range(process, (unsigned)arguments[0], (unsigned)arguments[1]);
        return;
    case TRACED_MAPS_CODE:
        return;
    default:
        break;
    }
    if (is_restart(result))
        return;
    if (thread->call->kind == TRACED_RECEIVES)
        write_late(tracer, thread, result);
    else if (thread->call->kind == TRACED_SETS_UP)
        end_set_up(tracer, thread, result);
    else if (thread->call->kind == TRACED_ACCEPTS)
        end_accept(tracer, thread, result);
    else
        end_named(tracer, thread, result);
}
