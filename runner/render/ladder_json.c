// SPDX-License-Identifier: MIT
// `lab trace --json`: everything that happened in a check, in the order of time.
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "render/ladder.h"
#include "render/ladder_rows.h"
#include "render/parts.h"

static void add_number(cJSON *object, const char *name, double number)
{
    if (cJSON_AddNumberToObject(object, name, number) == NULL)
        abort();
}

static void add_bytes(cJSON *item, int connection, size_t offset, size_t length, const char *text)
{
    if (connection > 0)
        add_number(item, "connection", connection);
    add_number(item, "offset", (double)offset);
    add_number(item, "length", (double)length);
    json_add_text(item, "text", text);
}

static void add_io(cJSON *item, const struct ladder_item *it)
{
    bool connects = !it->io->from_program && it->length == 0 && it->io->omitted == 0;
    json_add_text(item, "from", it->io->from_program ? "program" : "grader");
    json_add_text(item, "call", connects ? "connect" : it->io->from_program ? NULL : "send");
    if (connects)
        add_number(item, "connection", it->io->connection);
    else
        add_bytes(item, it->io->connection, it->io->offset, it->length, it->io->text);
}

static const char *kind_name(enum trace_event_kind kind)
{
    return kind == TRACE_STUCK ? "stuck" : kind == TRACE_SIGNAL ? "signal" : "exit";
}

static void add_frame(cJSON *item, const struct trace_event *event)
{
    if (event->frame_count == 0)
        return;
    json_add_text(item, "file", event->frames[0].file);
    add_number(item, "line", event->frames[0].line);
    json_add_text(item, "function", event->frames[0].function);
}

static void add_event(cJSON *item, const struct check_result *check,
                      const struct trace_event *event)
{
    json_add_text(item, "from", "program");
    json_add_text(item, "call", event->call);
    if (event->kind != TRACE_CALL)
        json_add_text(item, "state", kind_name(event->kind));
    if (event->length > 0) {
        auto_free char *text = ladder_text(check, event->connection, event->from_program,
                                           event->offset, event->length);
        add_bytes(item, event->connection, event->offset, event->length,
                  event->connection > 0 ? text : NULL);
    } else if (event->connection > 0) {
        add_number(item, "connection", event->connection);
    }
    if (event->kind == TRACE_CALL || event->kind == TRACE_EXIT)
        add_number(item, "result", (double)event->result);
    json_add_text(item, "path", event->path);
    add_frame(item, event);
}

char *render_ladder_json(const struct ladder_view *view)
{
    const struct check_result *check = view->check;
    cJSON *root = cJSON_CreateObject();
    add_number(root, "version", 1);
    json_add_text(root, "check", check->id);
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRIu64, view->seed);
    cJSON_AddRawToObject(root, "seed", digits);
    json_add_text(root, "status", check_status_name(check->status));
    json_add_text(root, "missing", view->missing);
    if (view->record->lost > 0)
        add_number(root, "lost", (double)view->record->lost);
    cJSON *array = cJSON_AddArrayToObject(root, "events");
    struct ladder_items items = ladder_items_of(check, view->record);
    for (size_t i = 0; i < items.count; i++) {
        cJSON *item = json_add_item(array);
        if (isfinite(items.items[i].at))
            add_number(item, "at", round(items.items[i].at * 1e6) / 1e6);
        if (items.items[i].io != NULL)
            add_io(item, &items.items[i]);
        else
            add_event(item, check, items.items[i].event);
    }
    free(items.items);
    return json_take_text(root);
}
