// SPDX-License-Identifier: MIT
// A snapshot, record by record; what does not fit together ends it.
#include <string.h>

#include "trace/resolver/resolver.h"
#include "trace/resolver/session.h"
#include "trace/resolver/write.h"

struct reading {
    const unsigned char *at;
    size_t left;
    const char *program;
    struct session *session; // NULL: no map yet, or none that can be used
    size_t sessions;
    struct str *out;
    size_t start; // length of *out before the first line
    bool whole;   // nothing was cut off or left out
    bool ended;   // the end record was there
    struct snapshot_end end;
};

static void take_maps(struct reading *reading, const char *text, size_t length)
{
    if (reading->session != NULL && session_fits(reading->session, text, length))
        return;
    session_close(reading->session);
    reading->session = NULL;
    if (length <= SNAPSHOT_MAPS_MOST && reading->sessions++ < RESOLVER_SESSIONS_MOST)
        reading->session = session_open(text, length, reading->program);
}

// The parts behind an event have to lie in its record.
static bool parts_fit(const struct snapshot_event *event, size_t size)
{
    return event->path_bytes <= SNAPSHOT_PATH_MOST && event->data_bytes <= SNAPSHOT_DATA_MOST &&
           event->stack_bytes <= SNAPSHOT_STACK_MOST && event->piece_count <= SNAPSHOT_PIECES &&
           (size_t)event->path_bytes + event->data_bytes + event->stack_bytes ==
               size - sizeof *event;
}

static bool take_event(struct reading *reading, const unsigned char *bytes, size_t size)
{
    struct snapshot_event event;
    if (size < sizeof event)
        return false;
    memcpy(&event, bytes, sizeof event);
    if (!parts_fit(&event, size))
        return false;
    const unsigned char *path = bytes + sizeof event;
    const unsigned char *data = path + event.path_bytes;
    auto_str struct str frames = STR_INIT;
    if (reading->session != NULL)
        session_append_frames(reading->session, &event, data + event.data_bytes, &frames);
    auto_str struct str line = STR_INIT;
    write_event(&event, path, data, frames.length > 0 ? str_text(&frames) : "[]", &line);
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
        take_maps(reading, (const char *)bytes, size);
        return true;
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
    session_close(reading.session);
    reading.whole = reading.ended && reading.left == 0;
    write_end(&reading.end, reading.whole, out);
    return true;
}
