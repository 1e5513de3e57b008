// SPDX-License-Identifier: MIT
// An event with what it holds: registers, stack, far frames, buffers, maps.
#include "trace/tracer/tracer.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct snapshot_event event_new(const struct thread *thread, enum snapshot_event_kind kind)
{
    struct snapshot_event event;
    memset(&event, 0, sizeof event); // what lies between the members goes into the file too
    event.kind = kind;
    event.maps = UINT32_MAX;
    event.pid = thread->process->pid;
    event.tid = thread->tid;
    event.number = -1;
    event.descriptor = -1;
    event.clock = event.clock_after = clock_now();
    return event;
}

// Frames whose bytes lie above those of the stack that were kept. Both builds of the learner's
// program keep frame pointers; where the chain is broken it leads nowhere, and ends.
static uint32_t links_read(pid_t tid, uint64_t frame, uint64_t low, uint64_t high,
                           struct snapshot_link *out)
{
    uint32_t count = 0;
    while (count < SNAPSHOT_LINKS_MOST && frame >= low && frame % 8 == 0) {
        uint64_t words[2];
        if (memory_read(tid, frame, words, sizeof words) != sizeof words)
            break;
        if (frame + sizeof words > high)
            out[count++] = (struct snapshot_link){frame, words[0], words[1]};
        if (words[0] <= frame)
            break;
        frame = words[0];
    }
    return count;
}

void event_look(struct tracer *tracer, const struct thread *thread, struct snapshot_event *event)
{
    if (!registers_read(thread->tid, &event->registers))
        return;
    uint64_t from = registers_stack(&event->registers);
    size_t got = memory_read(thread->tid, from, tracer->parts.stack, SNAPSHOT_STACK_MOST);
    event->stack_address = from;
    event->stack_bytes = (uint32_t)got;
    if (got == SNAPSHOT_STACK_MOST)
        event->link_count = links_read(thread->tid, registers_frame(&event->registers), from,
                                       from + got, tracer->parts.links);
}

void event_path(struct tracer *tracer, struct snapshot_event *event, const char *path)
{
    event->path_bytes = (uint32_t)strnlen(path, SNAPSHOT_PATH_MOST);
    memcpy(tracer->parts.path, path, event->path_bytes);
}

int64_t event_write(struct tracer *tracer, struct thread *thread, struct snapshot_event *event,
                    enum weight weight)
{
    maps_ensure(tracer, thread->process);
    event->maps = thread->process->has_maps ? thread->process->maps : UINT32_MAX;
    return output_event(&tracer->output, event, &tracer->parts, weight);
}

// ---------------------------------------------------------------- buffers

static void piece_add(struct snapshot_event *event, uint64_t address, uint64_t length)
{
    if (event->piece_count < SNAPSHOT_PIECES && length > 0)
        event->pieces[event->piece_count++] = (struct snapshot_piece){address, length};
}

static void pieces_of_vector(pid_t tid, uint64_t address, uint64_t count,
                             struct snapshot_event *event)
{
    struct iovec parts[SNAPSHOT_PIECES];
    if (count > SNAPSHOT_PIECES)
        count = SNAPSHOT_PIECES;
    size_t got = memory_read(tid, address, parts, count * sizeof *parts) / sizeof *parts;
    for (size_t i = 0; i < got; i++)
        piece_add(event, (uintptr_t)parts[i].iov_base, parts[i].iov_len);
}

static void pieces_of_message(pid_t tid, uint64_t address, struct snapshot_event *event)
{
    struct msghdr message;
    if (memory_read(tid, address, &message, sizeof message) == sizeof message)
        pieces_of_vector(tid, (uintptr_t)message.msg_iov, message.msg_iovlen, event);
}

static void pieces_find(pid_t tid, const struct traced_call *call, struct snapshot_event *event)
{
    const uint64_t *arguments = event->arguments;
    switch (call->shape) {
    case TRACED_BUFFER:
        piece_add(event, arguments[1], arguments[2]);
        break;
    case TRACED_VECTOR:
        pieces_of_vector(tid, arguments[1], arguments[2], event);
        break;
    case TRACED_MESSAGE:
        pieces_of_message(tid, arguments[1], event);
        break;
    case TRACED_MESSAGES:
        for (uint64_t i = 0; i < arguments[2] && i < SNAPSHOT_PIECES; i++)
            pieces_of_message(tid, arguments[1] + i * sizeof(struct mmsghdr), event);
        break;
    case TRACED_NO_BUFFER:
    case TRACED_FROM_FIRST:
    case TRACED_FROM_SECOND:
        break;
    }
}

void event_pieces(struct tracer *tracer, const struct thread *thread,
                  const struct traced_call *call, uint64_t most, struct snapshot_event *event)
{
    event->piece_count = 0;
    event->data_bytes = 0;
    pieces_find(thread->tid, call, event);
    if (most > SNAPSHOT_DATA_MOST)
        most = SNAPSHOT_DATA_MOST;
    for (uint32_t i = 0; i < event->piece_count && event->data_bytes < most; i++) {
        uint64_t length = event->pieces[i].length;
        if (length > most - event->data_bytes)
            length = most - event->data_bytes;
        size_t got = memory_read(thread->tid, event->pieces[i].address,
                                 tracer->parts.data + event->data_bytes, length);
        event->data_bytes += (uint32_t)got;
        if (got < length)
            break;
    }
}
