// SPDX-License-Identifier: MIT
// The lines that did it, as JSON: `where`, the first of them; `lines`, all; `trace_notes`, `help`.
#include <stdlib.h>

#include "render/parts.h"

static void add_frame(cJSON *object, const struct source_frame *frame)
{
    json_add_text(object, "file", frame->file);
    cJSON_AddNumberToObject(object, "line", frame->line);
    json_add_text(object, "function", frame->function);
}

static void add_where(cJSON *check, const struct finding *finding)
{
    if (finding->frame_count == 0)
        return;
    cJSON *where = cJSON_AddObjectToObject(check, "where");
    add_frame(where, &finding->frames[0]);
    json_add_text(where, "how", finding_kind_name(finding->kind));
}

static void add_line(cJSON *array, const struct finding *finding)
{
    cJSON *line = json_add_item(array);
    json_add_text(line, "how", finding_kind_name(finding->kind));
    json_add_text(line, "call", finding->call);
    if (finding->frame_count > 0)
        add_frame(line, &finding->frames[0]);
    json_add_text(line, "text", finding->text);
    json_add_text(line, "note", finding->note);
    if (finding->frame_count < 2)
        return;
    cJSON *callers = cJSON_AddArrayToObject(line, "called_from");
    for (size_t i = 1; i < finding->frame_count; i++)
        add_frame(json_add_item(callers), &finding->frames[i]);
}

void json_add_findings(cJSON *check, const struct check_result *result)
{
    if (result->finding_count > 0) {
        add_where(check, &result->findings[0]);
        cJSON *lines = cJSON_AddArrayToObject(check, "lines");
        for (size_t i = 0; i < result->finding_count; i++)
            add_line(lines, &result->findings[i]);
    }
    json_add_texts(check, "trace_notes", &result->trace_notes);
    json_add_text(check, "help", result->help);
}
