// SPDX-License-Identifier: MIT
// The resolver's lines, read with nothing believed: it worked on data that a program made up.
#include "trace/events.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trace/resolver/resolver.h"

// ---- fields; one of another type is as good as none

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static long long whole_number(const cJSON *value, long long least, long long most)
{
    const double number = cJSON_IsNumber(value) ? value->valuedouble : 0;
    return number >= (double)least && number <= (double)most ? (long long)number : 0;
}

static int integer_of(const cJSON *object, const char *name)
{
    return (int)whole_number(member(object, name), INT32_MIN, INT32_MAX);
}

static long long long_of(const cJSON *object, const char *name)
{
    return whole_number(member(object, name), -(1LL << 53), 1LL << 53);
}

static int port_of(const cJSON *object, const char *name)
{
    return (int)whole_number(member(object, name), 0, 65535);
}

static uint64_t address_of(const cJSON *value)
{
    const char *text = cJSON_GetStringValue(value);
    return text != NULL ? strtoull(text, NULL, 16) : 0;
}

static long long clock_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(member(object, name));
    return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
            return false;
    return true;
}

// The resolver escapes texts: whatever else is in one was not written by it.
static char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(member(object, name));
    return text != NULL && is_printable(text) ? mem_copy_string(text) : NULL;
}

// ---- one event

static bool read_kind(const cJSON *line, enum snapshot_event_kind *out)
{
    static const struct {
        const char *name;
        enum snapshot_event_kind kind;
    } kinds[] = {
        {"started", EVENT_STARTED}, {"call", EVENT_CALL}, {"stuck", EVENT_STUCK},
        {"signal", EVENT_SIGNAL},   {"exit", EVENT_EXIT}, {"watch", EVENT_WATCH},
    };
    const char *name = cJSON_GetStringValue(member(line, "kind"));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_equal(name, kinds[i].name)) {
            *out = kinds[i].kind;
            return true;
        }
    return false;
}

static void read_pieces(const cJSON *line, struct event *event)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, member(line, "pieces"))
    {
        if (event->piece_count == SNAPSHOT_PIECES)
            return;
        event->pieces[event->piece_count++] = (struct snapshot_piece){
            address_of(cJSON_GetArrayItem(item, 0)),
            (uint64_t)whole_number(cJSON_GetArrayItem(item, 1), 0, 1LL << 53)};
    }
}

static void read_arguments(const cJSON *line, struct event *event)
{
    const cJSON *item;
    size_t i = 0;
    cJSON_ArrayForEach(item, member(line, "arguments"))
    {
        if (i == 6)
            return;
        event->arguments[i++] = address_of(item);
    }
}

static void read_frames(const cJSON *line, struct event *event)
{
    const cJSON *list = member(line, "frames");
    const cJSON *item;
    size_t count = 0;
    cJSON_ArrayForEach(item, list) count += count < RESOLVER_DEPTH;
    event->frames = mem_alloc_array(count, sizeof *event->frames);
    cJSON_ArrayForEach(item, list)
    {
        if (event->frame_count == count)
            return;
        struct event_frame *frame = &event->frames[event->frame_count++];
        *frame = (struct event_frame){.function = text_of(item, "function"),
                                      .module = text_of(item, "in"),
                                      .pc = address_of(member(item, "pc"))};
        int number = integer_of(item, "line");
        if (cJSON_IsTrue(member(item, "own")) && number > 0) {
            frame->file = text_of(item, "file");
            frame->line = frame->file != NULL ? number : 0;
        }
    }
}

static void read_sockets(const cJSON *line, struct event *event)
{
    const cJSON *list = member(line, "sockets");
    const cJSON *item;
    size_t count = 0;
    cJSON_ArrayForEach(item, list) count += count < SNAPSHOT_DATA_MOST;
    event->sockets = mem_alloc_array(count, sizeof *event->sockets);
    cJSON_ArrayForEach(item, list)
    {
        if (event->socket_count == count)
            return;
        event->sockets[event->socket_count++] =
            (struct event_socket){.descriptor = integer_of(item, "descriptor"),
                                  .socket = (enum snapshot_socket)integer_of(item, "socket"),
                                  .local = port_of(item, "local"),
                                  .peer = port_of(item, "peer")};
    }
}

static void read_event(const cJSON *line, struct event *event)
{
    event->pid = integer_of(line, "pid");
    event->tid = integer_of(line, "tid");
    event->own_tid = integer_of(line, "own_tid");
    event->number = integer_of(line, "number");
    bool has_call = event->kind == EVENT_CALL || event->kind == EVENT_STUCK;
    event->call = call_of(has_call ? event->number : -1);
    event->clock = clock_of(line, "clock");
    event->after = clock_of(line, "after");
    read_arguments(line, event);
    event->shown.result = long_of(line, "result");
    event->shown.descriptor =
        cJSON_IsNumber(member(line, "descriptor")) ? integer_of(line, "descriptor") : -1;
    event->socket = (enum snapshot_socket)integer_of(line, "socket");
    event->local = port_of(line, "local");
    event->peer = port_of(line, "peer");
    event->slot = (unsigned)port_of(line, "slot");
    event->address = address_of(member(line, "address"));
    event->cpu = (uint64_t)whole_number(member(line, "cpu"), 0, 1LL << 53);
    read_pieces(line, event);
    event->shown.path = text_of(line, "path");
    const char *data = cJSON_GetStringValue(member(line, "data"));
    if (data != NULL)
        text_append_unescaped(&event->data, data);
    event->unfinished = cJSON_IsTrue(member(line, "unfinished"));
    event->repeats = (size_t)whole_number(member(line, "repeats"), 0, UINT32_MAX);
    const char *state = cJSON_GetStringValue(member(line, "state"));
    event->shown.state = state != NULL && strchr("RSDTt", state[0]) != NULL ? state[0] : '\0';
    read_sockets(line, event);
    read_frames(line, event);
}

// ---- all of them

static struct event *add_event(struct events *events)
{
    size_t count = events->count;
    // Room doubles whenever it is full.
    if ((count & (count - 1)) == 0)
        events->items =
            mem_resize(events->items, (count > 0 ? 2 * count : 1) * sizeof *events->items);
    events->items[count] = (struct event){.number = -1, .order = count};
    events->count++;
    return &events->items[count];
}

// False when it is no line of the resolver's.
static bool read_line(const char *text, size_t length, struct events *out, bool *over)
{
    cJSON *line = cJSON_ParseWithLength(text, length);
    enum snapshot_event_kind kind;
    bool good = cJSON_IsObject(line);
    if (good && str_equal(cJSON_GetStringValue(member(line, "kind")), "end")) {
        out->lost = (size_t)whole_number(member(line, "lost"), 0, 1LL << 53);
        out->ended = cJSON_IsTrue(member(line, "ended"));
        out->whole = !cJSON_IsFalse(member(line, "whole"));
        *over = true;
    } else if (good && read_kind(line, &kind)) {
        if (out->count < SNAPSHOT_EVENTS_MOST + 1024) {
            struct event *event = add_event(out);
            event->kind = kind;
            read_event(line, event);
        }
    }
    cJSON_Delete(line);
    return good;
}

bool events_read(const char *text, size_t length, struct events *out)
{
    bool over = false;
    while (length > 0 && !over) {
        const char *newline = memchr(text, '\n', length);
        if (newline == NULL || !read_line(text, (size_t)(newline - text), out, &over))
            return false;
        length -= (size_t)(newline + 1 - text);
        text = newline + 1;
    }
    return over;
}

static void event_release(struct event *event)
{
    for (size_t i = 0; i < event->frame_count; i++) {
        free(event->frames[i].function);
        free(event->frames[i].file);
        free(event->frames[i].module);
    }
    free(event->frames);
    free(event->sockets);
    str_release(&event->data);
    trace_event_release(&event->shown);
}

void events_release(struct events *events)
{
    for (size_t i = 0; i < events->count; i++)
        event_release(&events->items[i]);
    free(events->items);
    *events = (struct events){0};
}

// ---- what is only shown

void trace_event_release(struct trace_event *event)
{
    free(event->call);
    free(event->path);
    for (size_t i = 0; i < event->frame_count; i++) {
        free(event->frames[i].file);
        free(event->frames[i].function);
    }
    free(event->frames);
    *event = (struct trace_event){0};
}
