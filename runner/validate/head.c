// SPDX-License-Identifier: MIT
// Heads of wrong and accepted programs.
#include "validate/head.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    const char *path;
    const char *next; // the rest of the text
    size_t line;      // number of the line that was read last
};

// The next line without its end; the caller frees it. NULL at the end.
static char *read_line(struct reader *reader)
{
    if (*reader->next == '\0')
        return NULL;
    size_t length = strcspn(reader->next, "\n");
    char *line = str_format("%.*s", (int)length, reader->next);
    reader->next += length + (reader->next[length] == '\n');
    reader->line++;
    return line;
}

static bool fail(const struct reader *reader, struct err *err, const char *message,
                 const char *cure)
{
    err_set(err, ERR_LAB, "%s:%zu: %s", reader->path, reader->line, message);
    err_set_cure(err, "%s", cure);
    return false;
}

// Adds the words of a list such as "echo/a, echo/b" or "echo/a echo/b".
static void add_words(struct strings *list, const char *words)
{
    while (*words != '\0') {
        words += strspn(words, " ,\t");
        size_t length = strcspn(words, " ,\t");
        if (length > 0)
            strings_add_format(list, "%.*s", (int)length, words);
        words += length;
    }
}

static const char *after(const char *line, const char *key)
{
    if (!str_starts_with(line, key))
        return NULL;
    line += strlen(key);
    return line + strspn(line, " \t");
}

static bool read_head_line(const struct reader *reader, const char *line, struct head *out,
                           struct err *err)
{
    const char *value;
    if ((value = after(line, "Bug:")) != NULL) {
        if (out->bug != NULL)
            return fail(reader, err, "a second Bug line", "a wrong program has one bug");
        out->bug = mem_copy_string(value);
    } else if ((value = after(line, "Breaks:")) != NULL) {
        add_words(&out->breaks, value);
    } else if ((value = after(line, "May-break:")) != NULL) {
        add_words(&out->may_break, value);
    } else if (line[0] != '\0') {
        return fail(reader, err, "a line that is no part of a head",
                    "a head has Bug:, Breaks: and May-break: lines, then an empty line");
    }
    return true;
}

static void count_change(const char *line, bool in_hunk, struct head *out)
{
    if (str_starts_with(line, "@@ "))
        out->hunks++;
    else if (in_hunk && line[0] == '+')
        out->added++;
    else if (in_hunk && line[0] == '-')
        out->removed++;
}

bool head_read_patch(const char *path, const char *text, struct head *out, struct err *err)
{
    struct reader reader = {.path = path, .next = text};
    bool in_diff = false;
    for (char *line = read_line(&reader); line != NULL; line = read_line(&reader)) {
        auto_free char *owned = line;
        in_diff = in_diff || str_starts_with(owned, "--- ");
        if (in_diff)
            count_change(owned, out->hunks > 0, out);
        else if (!read_head_line(&reader, owned, out, err))
            return false;
    }
    return true;
}

bool head_is_whole(const char *path, const struct head *head, struct err *err)
{
    const struct reader first = {.path = path, .line = 1};
    if (head->bug == NULL || head->bug[0] == '\0')
        return fail(&first, err, "no Bug line", "begin with `Bug: one sentence`");
    if (head->breaks.count == 0)
        return fail(&first, err, "no Breaks line",
                    "name the checks that must fail: `lab validate LAB --explain NAME`");
    return true;
}

bool head_read_accepted(const char *path, const char *text, struct head *out, struct err *err)
{
    struct reader reader = {.path = path, .next = text};
    for (char *line = read_line(&reader); line != NULL; line = read_line(&reader)) {
        auto_free char *owned = line;
        const char *rest = owned + strspn(owned, "#/ ");
        const char *value = after(rest, "Differs:");
        if (value == NULL || rest == owned)
            continue;
        const char *dashes = strstr(value, " -- ");
        if (dashes == NULL || dashes[4] == '\0')
            return fail(&reader, err, "a Differs line without a reason",
                        "write `Differs: step/check -- why`");
        strings_add_format(&out->differs, "%.*s", (int)strcspn(value, " "), value);
    }
    return true;
}

void head_release(struct head *head)
{
    free(head->bug);
    strings_release(&head->breaks);
    strings_release(&head->may_break);
    strings_release(&head->differs);
    *head = (struct head){0};
}

bool head_covers(const struct strings *list, const char *check)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *item = list->items[i];
        size_t length = strlen(item);
        if (strcmp(item, "*") == 0 || strcmp(item, check) == 0)
            return true;
        if (length > 2 && strcmp(item + length - 2, "/*") == 0 &&
            strncmp(item, check, length - 1) == 0)
            return true;
    }
    return false;
}
