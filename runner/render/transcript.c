// SPDX-License-Identifier: MIT
// One check's exchange as text: nothing left out, one line a line of protocol.
#include <string.h>

#include "base/text.h"
#include "render/render.h"

static void append_lines(struct str *out, const char *escaped)
{
    auto_str struct str bytes = STR_INIT;
    text_append_unescaped(&bytes, escaped);
    for (size_t from = 0; from < bytes.length;) {
        const char *line = bytes.data + from;
        const char *end = memchr(line, '\n', bytes.length - from);
        size_t length = end != NULL ? (size_t)(end - line) + 1 : bytes.length - from;
        str_append(out, "    ");
        text_append_escaped(out, line, length);
        str_append_char(out, '\n');
        from += length;
    }
}

static void append_record(struct str *out, const struct io_record *record)
{
    const char *text = record->text != NULL ? record->text : "";
    str_append_format(out, "%.6f s  client %d  ", record->at, record->connection);
    if (record->end != NULL) {
        str_append_format(out, "%s by the %s\n", record->end,
                          record->from_program ? "program" : "grader");
        return;
    }
    if (text[0] == '\0' && record->omitted == 0) {
        str_append(out, record->from_program ? "received nothing\n" : "connected\n");
        return;
    }
    str_append_format(out, "%s, from byte %zu\n", record->from_program ? "received" : "sent",
                      record->offset);
    if (record->omitted > 0)
        str_append_format(out, "    … %zu bytes were not recorded …\n", record->omitted);
    append_lines(out, text);
}

static void append_field(struct str *out, const char *name, const char *value)
{
    if (value != NULL)
        str_append_format(out, "%s: %s\n", name, value);
}

char *render_transcript(const struct check_result *check)
{
    struct str out = STR_INIT;
    append_field(&out, "check", check->id);
    append_field(&out, "status", check_status_name(check->status));
    append_field(&out, "error", check->message);
    append_field(&out, "expected", check->expected);
    append_field(&out, "actual", check->actual);
    append_field(&out, "because", check->because);
    append_field(&out, "see it", check->reproduce);
    append_field(&out, "program", check->program.state);
    for (size_t i = 0; i < check->notes.count; i++)
        append_field(&out, "note", check->notes.items[i]);
    if (check->has_offset)
        str_append_format(&out, "difference: client %d, byte %zu received\n", check->connection,
                          check->offset);
    str_append_char(&out, '\n');
    for (size_t i = 0; i < check->transcript_count; i++)
        append_record(&out, &check->transcript[i]);
    if (check->program.error_output != NULL && check->program.error_output[0] != '\0') {
        str_append(&out, "\nstderr\n");
        append_lines(&out, check->program.error_output);
    }
    return str_take(&out);
}
