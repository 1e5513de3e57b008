// SPDX-License-Identifier: MIT
// Where the bug of a wrong program lies, read from its patch.
#include "validate/bug.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct patch_reader {
    struct bug *bug;
    int next;           // number of the next line of the patched file
    bool in_hunk;       //
    int removed_before; // a run of removed lines stands before this line; 0: none
    bool added_since;   // and lines were added in its place
};

static void add_line(struct bug *bug, int line)
{
    if (line < 1)
        return;
    bug->lines = mem_resize(bug->lines, (bug->line_count + 1) * sizeof *bug->lines);
    bug->lines[bug->line_count++] = line;
}

// A run of changed lines is over.
static void end_run(struct patch_reader *reader)
{
    if (reader->removed_before > 0 && !reader->added_since) {
        add_line(reader->bug, reader->removed_before - 1);
        add_line(reader->bug, reader->removed_before);
    }
    reader->removed_before = 0;
    reader->added_since = false;
}

// "b/server.c" names server.c.
static void take_name(struct bug *bug, const char *name)
{
    const char *slash = memchr(name, '/', strcspn(name, "\t\n"));
    if (slash != NULL)
        name = slash + 1;
    free(bug->file);
    bug->file = str_format("%.*s", (int)strcspn(name, "\t\r\n"), name);
}

static void take_changed_line(struct patch_reader *reader, char kind)
{
    if (kind == '-') {
        if (reader->removed_before == 0)
            reader->removed_before = reader->next;
        return;
    }
    if (kind == '+') {
        add_line(reader->bug, reader->next++);
        reader->added_since = true;
        return;
    }
    end_run(reader);
    reader->next++;
}

static void take_line(struct patch_reader *reader, const char *line)
{
    int start = 0;
    if (!reader->in_hunk && str_starts_with(line, "+++ ")) {
        take_name(reader->bug, line + strlen("+++ "));
    } else if (sscanf(line, "@@ -%*d%*[,0-9] +%d", &start) == 1 ||
               sscanf(line, "@@ -%*d +%d", &start) == 1) {
        end_run(reader);
        reader->in_hunk = true;
        reader->next = start;
    } else if (reader->in_hunk && (line[0] == '+' || line[0] == '-' || line[0] == ' ')) {
        take_changed_line(reader, line[0]);
    }
}

struct bug bug_read(const char *patch)
{
    struct bug bug = {0};
    struct patch_reader reader = {.bug = &bug};
    while (*patch != '\0') {
        size_t length = strcspn(patch, "\n");
        auto_free char *line = str_format("%.*s", (int)length, patch);
        take_line(&reader, line);
        patch += length + (patch[length] == '\n');
    }
    end_run(&reader);
    return bug;
}

void bug_release(struct bug *bug)
{
    free(bug->file);
    free(bug->lines);
    *bug = (struct bug){0};
}

enum bug_distance bug_distance(const struct bug *bug, const char *file, int line)
{
    if (file == NULL || line < 1)
        return BUG_NONE;
    int nearest = -1;
    for (size_t i = 0; i < bug->line_count && str_equal(file, bug->file); i++) {
        int distance = abs(bug->lines[i] - line);
        if (nearest < 0 || distance < nearest)
            nearest = distance;
    }
    if (nearest < 0 || nearest > 10)
        return BUG_ELSEWHERE;
    return nearest == 0 ? BUG_EXACT : nearest <= 3 ? BUG_WITHIN_3 : BUG_WITHIN_10;
}

const char *bug_distance_name(enum bug_distance distance)
{
    static const char *const names[] = {"none", "exact", "within_3", "within_10", "elsewhere"};
    return names[distance];
}

// ---------------------------------------------------------------- the function around it

static const char *line_start(const char *text, int number)
{
    for (int line = 1; line < number && text != NULL; line++) {
        text = strchr(text, '\n');
        if (text != NULL)
            text++;
    }
    return text;
}

// Does this line begin a function, or end one?
static bool is_at_top(const char *line)
{
    return isalpha((unsigned char)line[0]) || line[0] == '}';
}

static bool calls(const char *from, const char *to, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strstr(from, name); at != NULL && at < to; at = strstr(at + 1, name)) {
        bool begins = at == from || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
        if (begins && at[length] == '(')
            return true;
    }
    return false;
}

static const struct source *find_source(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (str_equal(sources->items[i].name, name))
            return &sources->items[i];
    return NULL;
}

bool bug_is_where_bytes_are_sent(const struct bug *bug, const struct sources *patched)
{
    static const char *const senders[] = {"send",    "sendto",  "sendmsg", "sendfile",
                                          "write",   "writev",  "fputs",   "fwrite",
                                          "fprintf", "dprintf", "putc",    "fputc"};
    const struct source *source = find_source(patched, bug->file);
    if (source == NULL || bug->line_count == 0)
        return false;
    auto_free char *text = str_format("%.*s", (int)source->length, source->data);
    const char *from = line_start(text, bug->lines[0]);
    if (from == NULL)
        return false;
    const char *to = from;
    while (from > text && !is_at_top(from))
        for (from--; from > text && from[-1] != '\n';)
            from--;
    while (*to != '\0' && *to != '}')
        to += strcspn(to, "\n") + (to[strcspn(to, "\n")] == '\n');
    for (size_t i = 0; i < sizeof senders / sizeof *senders; i++)
        if (calls(from, to, senders[i]))
            return true;
    return false;
}
