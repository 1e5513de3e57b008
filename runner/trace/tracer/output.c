// SPDX-License-Identifier: MIT
// The snapshot file: records behind each other, and the bounds that it never grows past.
#include "trace/tracer/tracer.h"

#include <sys/uio.h>
#include <unistd.h>

// What is kept free for events of more weight: a flood of calls must not crowd out the stacks of
// the program's end.
#define END_BYTES (16u << 20)
#define END_EVENTS 1000u
#define MINOR_BYTES (12u << 20)
#define MINOR_EVENTS 5000u
// A program that maps code again and again must not crowd out everything else.
#define MAPS_BYTES (8u << 20)

static bool has_room(const struct output *output, uint64_t size, enum weight weight)
{
    uint64_t most = SNAPSHOT_FILE_MOST - 4096; // the end record
    uint32_t events = SNAPSHOT_EVENTS_MOST;
    if (weight != WEIGHT_END) {
        most -= END_BYTES;
        events -= END_EVENTS;
    }
    if (weight == WEIGHT_MINOR &&
        (output->minor_size + size > MINOR_BYTES || output->minor_events >= MINOR_EVENTS))
        return false;
    return output->size + size <= most && output->events < events;
}

bool output_is_full(const struct output *output, enum weight weight)
{
    return !has_room(output, sizeof(struct snapshot_head) + sizeof(struct snapshot_event), weight);
}

// All or nothing: a write that does not fit is as if there had been none.
static bool append(struct output *output, struct iovec *parts, int count, uint64_t size)
{
    if (pwritev(output->file, parts, count, (off_t)output->size) != (ssize_t)size)
        return false;
    output->size += size;
    return true;
}

int64_t output_event(struct output *output, const struct snapshot_event *event,
                     const struct parts *parts, enum weight weight)
{
    size_t links = event->link_count * sizeof *parts->links;
    size_t polled = event->polled_count * sizeof *parts->polled;
    struct snapshot_head head = {SNAPSHOT_MAGIC, SNAPSHOT_EVENT,
                                 sizeof *event + event->path_bytes + event->data_bytes +
                                     event->stack_bytes + links + polled};
    struct iovec all[] = {{&head, sizeof head},
                          {(void *)(uintptr_t)event, sizeof *event},
                          {(void *)(uintptr_t)parts->path, event->path_bytes},
                          {(void *)(uintptr_t)parts->data, event->data_bytes},
                          {(void *)(uintptr_t)parts->stack, event->stack_bytes},
                          {(void *)(uintptr_t)parts->links, links},
                          {(void *)(uintptr_t)parts->polled, polled}};
    uint64_t size = sizeof head + head.size;
    uint64_t at = output->size + sizeof head;
    if (!has_room(output, size, weight) || !append(output, all, sizeof all / sizeof *all, size)) {
        output->lost++;
        return -1;
    }
    output->events++;
    if (weight == WEIGHT_MINOR) {
        output->minor_size += size;
        output->minor_events++;
    }
    return (int64_t)at;
}

void output_again(const struct output *output, int64_t at, const struct snapshot_event *event)
{
    ssize_t ignored = pwrite(output->file, event, sizeof *event, at);
    (void)ignored; // the bytes were there before: what stays is an event without its end
}

uint32_t output_maps(struct output *output, const char *text, size_t length, uint64_t hash)
{
    for (uint32_t i = 0; i < output->map_count; i++)
        if (output->maps[i] == hash)
            return i;
    struct snapshot_head head = {SNAPSHOT_MAGIC, SNAPSHOT_MAPS, length};
    struct iovec all[] = {{&head, sizeof head}, {(void *)(uintptr_t)text, length}};
    if (output->map_count == OUTPUT_MAPS_MOST || output->maps_size + length > MAPS_BYTES ||
        !has_room(output, sizeof head + length, WEIGHT_END) ||
        !append(output, all, 2, sizeof head + length))
        return UINT32_MAX;
    output->maps_size += length;
    output->maps[output->map_count] = hash;
    return output->map_count++;
}

void output_end(struct output *output, bool ended)
{
    struct snapshot_end end = {output->lost, ended};
    struct snapshot_head head = {SNAPSHOT_MAGIC, SNAPSHOT_END, sizeof end};
    struct iovec all[] = {{&head, sizeof head}, {&end, sizeof end}};
    append(output, all, 2, sizeof head + sizeof end);
}
