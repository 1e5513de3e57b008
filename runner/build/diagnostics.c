// SPDX-License-Identifier: MIT
// What gcc says, as data: its JSON.
#include "build/diagnostics.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

enum { LINE_BYTES = 1000 }; // a longer source line is not shown: no screen has room for it

struct reader {
    const struct sources *sources;
    struct diagnostics *out;
    struct str *raw;
};

static const struct source *find_source(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->items[i].name, name) == 0)
            return &sources->items[i];
    return NULL;
}

// The line itself, as gcc shows it: tabs count to eight. NULL when there is none.
static char *source_line(const struct sources *sources, const char *file, int number)
{
    const struct source *source = file != NULL ? find_source(sources, file) : NULL;
    if (source == NULL || number < 1)
        return NULL;
    const char *line = source->data;
    const char *end = source->data + source->length;
    for (int i = 1; i < number; i++) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        if (newline == NULL)
            return NULL;
        line = newline + 1;
    }
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    size_t length = (size_t)((newline != NULL ? newline : end) - line);
    if (length > 0 && line[length - 1] == '\r')
        length--;
    if (length > LINE_BYTES)
        return NULL;
    struct str shown = STR_INIT;
    text_append_clean(&shown, line, length);
    return str_take(&shown);
}

static bool same(const struct build_diagnostic *a, const struct build_diagnostic *b)
{
    return a->line == b->line && a->column == b->column && str_equal(a->file, b->file) &&
           strcmp(a->message, b->message) == 0;
}

// Of an open text or character gcc says the same twice, as a warning and as an error.
static void make_worse(struct diagnostics *diagnostics, struct build_diagnostic *item,
                       const char *severity)
{
    if (strcmp(item->severity, "warning") != 0 || strcmp(severity, "error") != 0)
        return;
    free(item->severity);
    item->severity = mem_copy_string("error");
    diagnostics->errors++;
}

struct build_diagnostic *diagnostics_add(struct diagnostics *diagnostics,
                                         const struct sources *sources,
                                         const struct build_diagnostic *like)
{
    for (size_t i = 0; i < diagnostics->count; i++)
        if (same(&diagnostics->items[i], like)) {
            make_worse(diagnostics, &diagnostics->items[i], like->severity);
            return NULL;
        }
    if (diagnostics->count == DIAGNOSTICS_MOST) {
        diagnostics->left_out++;
        return NULL;
    }
    diagnostics->items =
        mem_resize(diagnostics->items, (diagnostics->count + 1) * sizeof *diagnostics->items);
    struct build_diagnostic *added = &diagnostics->items[diagnostics->count++];
    *added = *like;
    added->file = mem_copy_string(like->file);
    added->severity = mem_copy_string(like->severity);
    added->message = mem_copy_string(like->message);
    added->source_line = source_line(sources, like->file, like->line);
    if (added->source_line == NULL || added->caret_from > LINE_BYTES)
        added->caret_from = added->caret_to = 0;
    diagnostics->errors += strcmp(added->severity, "error") == 0;
    return added;
}

static void release_items(struct build_diagnostic *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(items[i].file);
        free(items[i].severity);
        free(items[i].message);
        free(items[i].source_line);
    }
    free(items);
}

void diagnostics_release(struct diagnostics *diagnostics)
{
    release_items(diagnostics->items, diagnostics->count);
    *diagnostics = (struct diagnostics){0};
}

// ---- one element of gcc's array

static int number(const cJSON *object, const char *name)
{
    const cJSON *value = json_member(object, name);
    return cJSON_IsNumber(value) && value->valueint > 0 ? value->valueint : 0;
}

static const char *string(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(json_member(object, name));
    return text != NULL ? text : "";
}

// "fatal error", "sorry, unimplemented" and "internal compiler error" are errors to a learner.
static const char *severity_of(const char *kind)
{
    if (strcmp(kind, "warning") == 0 || strcmp(kind, "note") == 0)
        return kind;
    return "error";
}

static void set_caret(const cJSON *location, const cJSON *caret, struct build_diagnostic *out)
{
    // `start` and `finish` are left out where they are the caret itself; a range over several lines
    // is cut to the caret's line.
    const cJSON *start = json_member(location, "start");
    const cJSON *finish = json_member(location, "finish");
    out->caret_from = out->caret_to = out->column;
    if (start != NULL && number(start, "line") == number(caret, "line"))
        out->caret_from = number(start, "display-column");
    if (finish != NULL && number(finish, "line") == number(caret, "line"))
        out->caret_to = number(finish, "display-column");
    if (out->caret_from > out->column || out->caret_from == 0)
        out->caret_from = out->column;
    if (out->caret_to < out->column)
        out->caret_to = out->column;
}

static void set_place(const cJSON *element, struct build_diagnostic *out)
{
    const cJSON *location = cJSON_GetArrayItem(json_member(element, "locations"), 0);
    const cJSON *caret = json_member(location, "caret");
    const char *file = string(caret, "file");
    if (file[0] == '\0')
        return;
    if (str_starts_with(file, "./"))
        file += 2;
    struct str name = STR_INIT;
    text_append_clean(&name, file, strlen(file));
    out->file = str_take(&name);
    out->line = number(caret, "line");
    out->column = number(caret, "display-column");
    if (out->column > 0)
        set_caret(location, caret, out);
}

static char *message_of(const cJSON *element)
{
    struct str message = STR_INIT;
    const char *text = string(element, "message");
    const char *option = string(element, "option");
    text_append_clean(&message, text, strlen(text));
    if (option[0] != '\0') {
        str_append(&message, " [");
        text_append_clean(&message, option, strlen(option));
        str_append_char(&message, ']');
    }
    return str_take(&message);
}

// ---- the same as text, in gcc's layout

static void append_caret(struct str *raw, const struct build_diagnostic *diagnostic)
{
    str_append_format(raw, "%5s | %*s", "", diagnostic->caret_from - 1, "");
    for (int i = diagnostic->caret_from; i <= diagnostic->caret_to && i < LINE_BYTES; i++)
        str_append_char(raw, i == diagnostic->column ? '^' : '~');
    str_append_char(raw, '\n');
}

static void append_text(struct str *raw, const struct build_diagnostic *diagnostic,
                        const char *kind)
{
    str_append(raw, diagnostic->file != NULL ? diagnostic->file : "cc1");
    if (diagnostic->line > 0)
        str_append_format(raw, ":%d", diagnostic->line);
    if (diagnostic->line > 0 && diagnostic->column > 0)
        str_append_format(raw, ":%d", diagnostic->column);
    str_append(raw, ": ");
    text_append_clean(raw, kind, strlen(kind));
    str_append_format(raw, ": %s\n", diagnostic->message);
    if (diagnostic->source_line == NULL)
        return;
    str_append_format(raw, "%5d | %s\n", diagnostic->line, diagnostic->source_line);
    if (diagnostic->caret_from > 0)
        append_caret(raw, diagnostic);
}

static void read_element(struct reader *reader, const cJSON *element)
{
    const char *kind = string(element, "kind");
    if (kind[0] == '\0')
        return;
    auto_free char *message = message_of(element);
    struct build_diagnostic like = {.severity = mem_copy_string(severity_of(kind)),
                                    .message = message};
    set_place(element, &like);
    const struct build_diagnostic *added = diagnostics_add(reader->out, reader->sources, &like);
    free(like.severity);
    free(like.file);
    if (added == NULL)
        return;
    if (reader->raw != NULL)
        append_text(reader->raw, added, kind);
    for (const cJSON *child = json_first(json_member(element, "children")); child != NULL;
         child = child->next)
        read_element(reader, child);
}

// ---- the whole

// Reads an array element by element, so that one that was cut off still gives its beginning.
// Returns where the line after it begins.
static const char *read_array(struct reader *reader, const char *text)
{
    const char *at = text + 1;
    for (;;) {
        at += strspn(at, ", \n");
        if (*at != '{')
            break;
        const char *end = NULL;
        cJSON *element = cJSON_ParseWithOpts(at, &end, false);
        if (element == NULL)
            break;
        read_element(reader, element);
        cJSON_Delete(element);
        at = end;
    }
    const char *newline = strchr(at, '\n');
    return newline != NULL ? newline + 1 : at + strlen(at);
}

// gcc was told that the sources lie in `.`; its own words are left as they are but for that.
static const char *skip_folder(const char *line)
{
    while (str_starts_with(line, "./"))
        line += 2;
    return line;
}

static const char *read_line(struct reader *reader, const char *text)
{
    size_t length = strcspn(text, "\n");
    auto_str struct str line = STR_INIT;
    text_append_clean(&line, text, length);
    const char *shown = skip_folder(str_text(&line));
    if (shown[0] != '\0') {
        linker_read_line(shown, reader->sources, reader->out);
        if (reader->raw != NULL)
            str_append_format(reader->raw, "%s\n", shown);
    }
    return text + length + (text[length] == '\n');
}

static bool is_array(const char *text)
{
    return str_starts_with(text, "[{") || str_starts_with(text, "[]");
}

// Moves each error with its notes before all else; the order stays otherwise.
static void sort_errors_first(struct diagnostics *diagnostics)
{
    size_t count = diagnostics->count;
    struct build_diagnostic *sorted = mem_alloc_array(count, sizeof *sorted);
    size_t filled = 0;
    for (int errors = 1; errors >= 0; errors--) {
        bool wanted = false;
        for (size_t i = 0; i < count; i++) {
            const struct build_diagnostic *item = &diagnostics->items[i];
            if (i == 0 || strcmp(item->severity, "note") != 0)
                wanted = (strcmp(item->severity, "error") == 0) == (errors == 1);
            if (wanted)
                sorted[filled++] = *item;
        }
    }
    free(diagnostics->items);
    diagnostics->items = sorted;
}

void diagnostics_read(const char *text, const struct sources *sources, struct diagnostics *out,
                      struct str *raw)
{
    struct reader reader = {sources, out, raw};
    while (*text != '\0')
        text = is_array(text) ? read_array(&reader, text) : read_line(&reader, text);
    if (raw != NULL && out->left_out > 0)
        str_append_format(raw, "(%zu more left out)\n", out->left_out);
    sort_errors_first(out);
}
