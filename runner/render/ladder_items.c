// SPDX-License-Identifier: MIT
// What happened in a check, in one order: the transcript and the calls of the program joined.
#include "render/ladder_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static size_t length_of(const struct io_record *record)
{
    auto_str struct str bytes = STR_INIT;
    text_append_unescaped(&bytes, record->text != NULL ? record->text : "");
    return bytes.length;
}

static bool is_connect(const struct io_record *record)
{
    return !record->from_program && record->omitted == 0 && record->end == NULL &&
           (record->text == NULL || record->text[0] == '\0');
}

// The bytes of the two overlap. `length` is the record's.
static bool overlap(const struct io_record *record, size_t length, const struct trace_event *event)
{
    return record->connection == event->connection && record->from_program == event->from_program &&
           record->offset < event->offset + event->length &&
           event->offset < record->offset + length;
}

static bool moves_bytes(const struct trace_event *event)
{
    return event->kind == TRACE_CALL && event->connection > 0 && event->length > 0;
}

// Some call that is known sent these bytes, so its row shows them.
static bool is_told_by_a_call(const struct io_record *record, size_t length,
                              const struct trace_record *trace)
{
    for (size_t i = 0; i < trace->count; i++)
        if (moves_bytes(&trace->events[i]) && overlap(record, length, &trace->events[i]))
            return true;
    return false;
}

static struct ladder_item *add(struct ladder_items *items)
{
    items->items = mem_resize(items->items, (items->count + 1) * sizeof *items->items);
    struct ladder_item *item = &items->items[items->count++];
    *item = (struct ladder_item){0};
    return item;
}

static void add_records(struct ladder_items *items, const struct check_result *check,
                        const struct trace_record *trace)
{
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        size_t length = length_of(record);
        // What the program did stands in its calls, when those are known.
        bool told = length == 0 ? trace->count > 0 : is_told_by_a_call(record, length, trace);
        if (record->from_program && told)
            continue;
        struct ladder_item *item = add(items);
        item->at = item->key = record->at;
        item->io = record;
        item->length = length;
    }
}

// What the call took in: the last of several.
static struct ladder_item *answered_by(struct ladder_items *items, const struct trace_event *event)
{
    struct ladder_item *found = NULL;
    bool accepts = event->kind == TRACE_CALL && event->connection > 0 && event->result >= 0 &&
                   event->call != NULL && str_starts_with(event->call, "accept");
    for (size_t i = 0; i < items->count && items->items[i].io != NULL; i++) {
        struct ladder_item *item = &items->items[i];
        if (item->io->from_program)
            continue;
        bool taken = accepts ? is_connect(item->io) && item->io->connection == event->connection
                             : moves_bytes(event) && !event->from_program &&
                                   overlap(item->io, item->length, event);
        item->answered |= taken;
        if (taken)
            found = item;
    }
    return found;
}

// The end of a call that waits is what counts, and the beginning of one that sends.
static double time_of(const struct trace_event *event)
{
    bool sends = event->kind != TRACE_CALL || event->from_program || event->until < event->at;
    return sends ? event->at : event->until;
}

static void add_events(struct ladder_items *items, const struct trace_record *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_event *event = &trace->events[i];
        if (event->kind == TRACE_WATCH)
            continue;
        const struct ladder_item *answered = answered_by(items, event);
        double at = time_of(event);
        double key = answered != NULL && answered->key > at ? answered->key : at;
        const struct io_record *answers = answered != NULL ? answered->io : NULL;
        *add(items) =
            (struct ladder_item){.at = key, .key = key, .event = event, .answers = answers};
    }
}

// At the same moment the client's side comes first, but for the end of all.
static int compare(const void *a, const void *b)
{
    const struct ladder_item *left = a;
    const struct ladder_item *right = b;
    if (left->key < right->key || left->key > right->key)
        return left->key < right->key ? -1 : 1;
    if ((left->io != NULL) != (right->io != NULL))
        return left->io != NULL ? -1 : 1;
    if (left->io != NULL)
        return left->io < right->io ? -1 : left->io > right->io;
    return left->event < right->event ? -1 : left->event > right->event;
}

struct ladder_items ladder_items_of(const struct check_result *check,
                                    const struct trace_record *record)
{
    struct ladder_items items = {0};
    add_records(&items, check, record);
    add_events(&items, record);
    if (items.count > 0)
        qsort(items.items, items.count, sizeof *items.items, compare);
    return items;
}

char *ladder_text(const struct check_result *check, int connection, bool from_program,
                  size_t offset, size_t length)
{
    auto_str struct str bytes = STR_INIT;
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        size_t next = offset + bytes.length;
        if (record->connection != connection || record->from_program != from_program ||
            bytes.length == length || record->offset > next)
            continue;
        auto_str struct str own = STR_INIT;
        text_append_unescaped(&own, record->text != NULL ? record->text : "");
        if (record->offset + own.length <= next)
            continue;
        size_t skip = next - record->offset;
        size_t count = own.length - skip;
        if (count > length - bytes.length)
            count = length - bytes.length;
        str_append_bytes(&bytes, own.data + skip, count);
    }
    return text_escape(bytes.data != NULL ? bytes.data : "", bytes.length);
}
