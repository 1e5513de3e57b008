// SPDX-License-Identifier: MIT
// A snapshot, record by record; what does not fit together ends it.
#include <stdlib.h>
#include <string.h>

#include "trace/resolver/resolver.h"
#include "trace/resolver/session.h"
#include "trace/resolver/write.h"

struct reading {
    const unsigned char *at;
    size_t left;
    const char *program;
    struct session *sessions[RESOLVER_SESSIONS_MOST];
    size_t session_count;
    struct session **maps; // by the number of the map; NULL: it cannot be used
    size_t map_count;
    struct str *out;
    size_t start; // length of *out before the first line
    bool whole;   // nothing was cut off or left out
    bool ended;   // the end record was there
    struct snapshot_end end;
};

// Processes that were forked have the same map, as far as it matters.
static struct session *session_for(struct reading *reading, const char *text, size_t length)
{
    auto_str struct str map = STR_INIT;
    session_clean_map(text, length, &map);
    for (size_t i = 0; i < reading->session_count; i++)
        if (session_fits(reading->sessions[i], &map))
            return reading->sessions[i];
    if (reading->session_count == RESOLVER_SESSIONS_MOST)
        return NULL;
    struct session *session = session_open(&map, reading->program);
    if (session != NULL)
        reading->sessions[reading->session_count++] = session;
    return session;
}

static bool take_maps(struct reading *reading, const char *text, size_t length)
{
    if (length > SNAPSHOT_MAPS_MOST || reading->map_count == RESOLVER_MAPS_MOST)
        return false;
    if (reading->maps == NULL)
        reading->maps = mem_alloc_array(RESOLVER_MAPS_MOST, sizeof(void *));
    reading->maps[reading->map_count++] = session_for(reading, text, length);
    return true;
}

// The parts behind an event have to fill its record.
static bool parts_find(const unsigned char *bytes, size_t size, struct event_parts *out)
{
    const struct snapshot_event *event = out->event;
    if (event->path_bytes > SNAPSHOT_PATH_MOST || event->data_bytes > SNAPSHOT_DATA_MOST ||
        event->stack_bytes > SNAPSHOT_STACK_MOST || event->piece_count > SNAPSHOT_PIECES ||
        event->link_count > SNAPSHOT_LINKS_MOST || event->polled_count > SNAPSHOT_POLLED_MOST ||
        sizeof *event + event->path_bytes + event->data_bytes + event->stack_bytes +
                event->link_count * sizeof(struct snapshot_link) +
                event->polled_count * sizeof(struct snapshot_polled) !=
            size)
        return false;
    out->path = bytes + sizeof *event;
    out->data = out->path + event->path_bytes;
    out->stack = out->data + event->data_bytes;
    out->links = out->stack + event->stack_bytes;
    out->polled = out->links + event->link_count * sizeof(struct snapshot_link);
    return true;
}

static bool take_event(struct reading *reading, const unsigned char *bytes, size_t size)
{
    struct snapshot_event event;
    struct event_parts parts = {.event = &event};
    if (size < sizeof event)
        return false;
    memcpy(&event, bytes, sizeof event);
    if (!parts_find(bytes, size, &parts))
        return false;
    auto_str struct str frames = STR_INIT;
    if (event.maps < reading->map_count && reading->maps[event.maps] != NULL)
        session_append_frames(reading->maps[event.maps], &parts, &frames);
    auto_str struct str line = STR_INIT;
    write_event(&parts, frames.length > 0 ? str_text(&frames) : "[]", &line);
    if (reading->out->length - reading->start + line.length > RESOLVER_OUTPUT_MOST)
        return false;
    str_append_bytes(reading->out, line.data, line.length);
    return true;
}

static bool take_end(struct reading *reading, const unsigned char *bytes, size_t size)
{
    if (size != sizeof reading->end)
        return false;
    memcpy(&reading->end, bytes, size);
    reading->ended = true;
    return true;
}

// False: nothing behind it is worth reading.
static bool take_record(struct reading *reading)
{
    struct snapshot_head head;
    if (reading->left < sizeof head)
        return false;
    memcpy(&head, reading->at, sizeof head);
    if (head.magic != SNAPSHOT_MAGIC || head.size > reading->left - sizeof head)
        return false;
    const unsigned char *bytes = reading->at + sizeof head;
    size_t size = (size_t)head.size;
    reading->at = bytes + size;
    reading->left -= sizeof head + size;
    switch (head.kind) {
    case SNAPSHOT_MAPS:
        return take_maps(reading, (const char *)bytes, size);
    case SNAPSHOT_EVENT:
        return take_event(reading, bytes, size);
    case SNAPSHOT_END:
        return take_end(reading, bytes, size);
    default:
        return false;
    }
}

bool resolver_read(const void *bytes, size_t length, const char *program, struct str *out)
{
    struct snapshot_head head = {0};
    if (length >= sizeof head)
        memcpy(&head, bytes, sizeof head);
    if (head.magic != SNAPSHOT_MAGIC)
        return false;
    struct reading reading = {
        .at = bytes, .left = length, .program = program, .out = out, .start = out->length};
    while (!reading.ended && take_record(&reading))
        ;
    for (size_t i = 0; i < reading.session_count; i++)
        session_close(reading.sessions[i]);
    free(reading.maps);
    reading.whole = reading.ended && reading.left == 0;
    write_end(&reading.end, reading.whole, out);
    return true;
}
