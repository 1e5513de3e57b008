// SPDX-License-Identifier: MIT
// From an event to a finding: frames, the line itself, and the call in words.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trace/rules.h"

enum { FRAMES_MOST = 32, LINE_MOST = 1000 };

char *source_line(const struct sources *sources, const char *file, int line)
{
    for (size_t i = 0; sources != NULL && i < sources->count; i++) {
        const struct source *source = &sources->items[i];
        if (!str_equal(source->name, file))
            continue;
        const char *at = source->data;
        const char *end = source->data + source->length;
        for (int number = 1; at < end; number++) {
            const char *newline = memchr(at, '\n', (size_t)(end - at));
            const char *stop = newline != NULL ? newline : end;
            size_t length = (size_t)(stop - at);
            if (number == line) {
                while (length > 0 && at[length - 1] == '\r')
                    length--;
                return str_format("%.*s", (int)(length < LINE_MOST ? length : LINE_MOST), at);
            }
            at = newline != NULL ? newline + 1 : end;
        }
        return NULL;
    }
    return NULL;
}

// ---------------------------------------------------------------- calls

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

// "name (" stands on the line.
static bool line_calls(const char *line, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strstr(line, name); at != NULL; at = strstr(at + 1, name)) {
        if (at > line && is_word(at[-1]))
            continue;
        const char *behind = at + length;
        while (*behind == ' ' || *behind == '\t')
            behind++;
        if (*behind == '(')
            return true;
    }
    return false;
}

// The function that the learner's innermost own line called, as a library names it inside.
static const char *called_function(const struct event *event)
{
    for (size_t i = 0; i + 1 < event->frame_count; i++)
        if (event->frames[i].file == NULL && event->frames[i + 1].file != NULL)
            return event->frames[i].function;
    return NULL;
}

// Libraries and sanitizers have inner names for what a program calls: _IO_fgets, __libc_recv,
// __interceptor_recv, fopen64, recv@@GLIBC_2.2.5.
static char *outer_name(const char *function)
{
    static const char *const prefixes[] = {"interceptor_", "libc_", "GI_",
                                           "IO_",          "new_",  "isoc99_"};
    for (bool again = true; again;) {
        again = false;
        while (*function == '_')
            function++;
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
            if (str_starts_with(function, prefixes[i])) {
                function += strlen(prefixes[i]);
                again = true;
            }
    }
    size_t length = strcspn(function, "@.");
    if (length > 2 && strncmp(function + length - 2, "64", 2) == 0)
        length -= 2;
    return str_format("%.*s", (int)length, function);
}

char *call_name(const struct event *event, const char *line)
{
    const char *function = line != NULL ? called_function(event) : NULL;
    if (function != NULL) {
        auto_free char *name = outer_name(function);
        if (name[0] != '\0' && line_calls(line, name))
            return take(name);
    }
    return mem_copy_string(event->number >= 0 ? event->call->name : NULL);
}

static char *call_in_words(const struct event *event, const char *line)
{
    if (event->kind == EVENT_SIGNAL)
        return mem_copy_string(event->shown.call);
    auto_free char *name = call_name(event, line);
    if (name == NULL || strchr(name, ' ') != NULL)
        return take(name);
    if (event->shown.connection > 0)
        return str_format("%s() on %s %d", name, event->shown.outgoing ? "connection" : "client",
                          event->shown.connection);
    return str_format("%s()", name);
}

// ---------------------------------------------------------------- findings

struct finding *finding_of_event(const struct evidence *evidence, const struct event *event,
                                 enum finding_kind kind, struct check_result *out)
{
    const struct trace_event *shown = &event->shown;
    if (shown->frame_count == 0)
        return NULL;
    struct finding *finding = check_add_finding(out, kind);
    for (size_t i = 0; i < shown->frame_count && i < FRAMES_MOST; i++)
        finding_add_frame(finding, shown->frames[i].file, shown->frames[i].line,
                          shown->frames[i].function);
    finding->text = source_line(evidence->sources, shown->frames[0].file, shown->frames[0].line);
    finding->call = call_in_words(event, finding->text);
    return finding;
}

char *errno_words(int number)
{
    const char *words = strerrordesc_np(number);
    const char *name = strerrorname_np(number);
    if (words == NULL || name == NULL)
        return str_format("error %d", number);
    char *text = str_format("%s (%s)", words, name);
    // Not where a name begins it: "RPC struct is bad".
    if (isupper((unsigned char)text[0]) && !isupper((unsigned char)text[1]))
        text[0] = (char)tolower((unsigned char)text[0]);
    return text;
}

// ---------------------------------------------------------------- the transcript

int failing_connection(const struct check_result *check)
{
    if (check->connection > 0)
        return check->connection;
    return check->transcript_count > 0 ? check->transcript[check->transcript_count - 1].connection
                                       : 0;
}

size_t received_total(const struct check_result *check, int connection)
{
    size_t total = 0;
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        if (!record->from_program || record->connection != connection)
            continue;
        auto_str struct str bytes = STR_INIT;
        text_append_unescaped(&bytes, record->text);
        if (record->offset + bytes.length > total)
            total = record->offset + bytes.length;
    }
    return total;
}

int answered_status(const struct check_result *check, int connection)
{
    int status = 0;
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        if (!record->from_program || record->connection != connection)
            continue;
        for (const char *at = record->text; (at = strstr(at, "HTTP/1.")) != NULL; at++)
            if (isdigit((unsigned char)at[7]) && at[8] == ' ' && isdigit((unsigned char)at[9]))
                status = (int)strtol(at + 9, NULL, 10);
    }
    return status;
}

bool end_matters(const struct check_result *check)
{
    return !check->was_run || (!check->has_offset && !str_equal(check->stream, "stdout"));
}

bool program_is(const struct check_result *check, const char *state)
{
    return str_equal(check->program.state, state);
}

void finding_begin_at(const struct evidence *evidence, struct finding *finding, size_t frame,
                      int line)
{
    for (size_t i = 0; i < frame; i++) {
        free(finding->frames[i].file);
        free(finding->frames[i].function);
    }
    finding->frame_count -= frame;
    memmove(finding->frames, finding->frames + frame,
            finding->frame_count * sizeof *finding->frames);
    struct source_frame *first = &finding->frames[0];
    if (line > 0)
        first->line = line;
    free(finding->text);
    finding->text = source_line(evidence->sources, first->file, first->line);
}
