// SPDX-License-Identifier: MIT
// Events as lines of JSON.
#include "trace/resolver/write.h"

#include <string.h>

#include "trace/resolver/resolver.h"
#include "trace/resolver/session.h"

static void add_number(struct str *out, const char *name, long long number)
{
    if (number != 0)
        str_append_format(out, ",\"%s\":%lld", name, number);
}

// As text: JSON's numbers are exact to 2^53, which is 104 days of nanoseconds.
static void add_clock(struct str *out, const char *name, int64_t nanoseconds)
{
    if (nanoseconds != 0)
        str_append_format(out, ",\"%s\":\"%lld\"", name, (long long)nanoseconds);
}

static void add_address(struct str *out, const char *name, uint64_t address)
{
    if (address != 0)
        str_append_format(out, ",\"%s\":\"0x%llx\"", name, (unsigned long long)address);
}

static void add_bytes(struct str *out, const char *name, const unsigned char *bytes, size_t length,
                      size_t most)
{
    if (length == 0)
        return;
    str_append_format(out, ",\"%s\":", name);
    json_append_bytes(out, bytes, length, most);
}

static const char *kind_name(uint32_t kind)
{
    static const char *const names[] = {
        [EVENT_STARTED] = "started", [EVENT_CALL] = "call", [EVENT_STUCK] = "stuck",
        [EVENT_SIGNAL] = "signal",   [EVENT_EXIT] = "exit", [EVENT_WATCH] = "watch",
    };
    return kind >= EVENT_STARTED && kind <= EVENT_WATCH ? names[kind] : "unknown";
}

static void add_arguments(struct str *out, const struct snapshot_event *event)
{
    str_append(out, ",\"arguments\":[");
    for (size_t i = 0; i < 6; i++)
        str_append_format(out, "%s\"0x%llx\"", i > 0 ? "," : "",
                          (unsigned long long)event->arguments[i]);
    str_append_char(out, ']');
}

static void add_pieces(struct str *out, const struct snapshot_event *event)
{
    if (event->piece_count == 0)
        return;
    str_append(out, ",\"pieces\":[");
    for (size_t i = 0; i < event->piece_count; i++)
        str_append_format(out, "%s[\"0x%llx\",%llu]", i > 0 ? "," : "",
                          (unsigned long long)event->pieces[i].address,
                          (unsigned long long)event->pieces[i].length);
    str_append_char(out, ']');
}

static void add_polled(struct str *out, const struct event_parts *parts)
{
    if (parts->event->polled_count == 0)
        return;
    str_append(out, ",\"sockets\":[");
    for (size_t i = 0; i < parts->event->polled_count; i++) {
        struct snapshot_polled polled;
        memcpy(&polled, parts->polled + i * sizeof polled, sizeof polled);
        str_append_format(out, "%s{\"descriptor\":%d,\"socket\":%u,\"local\":%u,\"peer\":%u}",
                          i > 0 ? "," : "", (int)polled.descriptor, (unsigned)polled.socket,
                          (unsigned)polled.local, (unsigned)polled.peer);
    }
    str_append_char(out, ']');
}

static void add_state(struct str *out, char state)
{
    if (state != '\0')
        add_bytes(out, "state", (const unsigned char *)&state, 1, 1);
}

void write_event(const struct event_parts *parts, const char *frames, struct str *out)
{
    const struct snapshot_event *event = parts->event;
    str_append_format(out, "{\"kind\":\"%s\"", kind_name(event->kind));
    add_number(out, "pid", event->pid);
    add_number(out, "tid", event->tid);
    add_number(out, "own_tid", event->own_tid);
    str_append_format(out, ",\"number\":%d", event->number);
    add_clock(out, "clock", event->clock);
    add_clock(out, "after", event->clock_after);
    add_arguments(out, event);
    if (event->result == SNAPSHOT_UNFINISHED)
        str_append(out, ",\"unfinished\":true");
    else
        add_number(out, "result", event->result);
    add_number(out, "repeats", event->repeats);
    str_append_format(out, ",\"descriptor\":%d", event->descriptor);
    add_number(out, "socket", event->socket);
    add_number(out, "local", event->local);
    add_number(out, "peer", event->peer);
    add_number(out, "slot", event->slot);
    add_state(out, event->state);
    add_address(out, "address", event->address);
    add_number(out, "cpu", (long long)(event->cpu & INT64_MAX));
    add_pieces(out, event);
    add_polled(out, parts);
    add_bytes(out, "path", parts->path, event->path_bytes, SNAPSHOT_PATH_MOST);
    add_number(out, "data_bytes", event->data_bytes);
    add_bytes(out, "data", parts->data, event->data_bytes, RESOLVER_TEXT_MOST);
    str_append_format(out, ",\"frames\":%s}\n", frames);
}

void write_end(const struct snapshot_end *end, bool whole, struct str *out)
{
    str_append(out, "{\"kind\":\"end\"");
    add_number(out, "lost", (long long)(end->lost & INT64_MAX));
    str_append_format(out, ",\"ended\":%s%s}\n", end->ended != 0 ? "true" : "false",
                      whole ? "" : ",\"whole\":false");
}
