// SPDX-License-Identifier: MIT
// Wrong programs made from an edited folder.
#include "validate/wrong.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "build/build.h"
#include "build/tool.h"
#include "validate/bug.h"
#include "validate/head.h"
#include "validate/rules.h"

enum { NAMED_LINES = 8 };

static const struct source *find(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->items[i].name, name) == 0)
            return &sources->items[i];
    return NULL;
}

static bool is_same(const struct source *a, const struct source *b)
{
    return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

// The one file that differs; NULL and err when there is none, or another number of them. What the
// lab gives is nobody's to change.
static const char *changed_file(const struct lab *lab, const struct sources *solution,
                                const struct sources *edited, const char *folder, struct err *err)
{
    auto_str struct str names = STR_INIT;
    const char *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < solution->count; i++) {
        if (strings_have(&lab->given, solution->items[i].name))
            continue;
        const struct source *here = find(edited, solution->items[i].name);
        if (here == NULL) {
            err_set(err, ERR_USAGE, "%s has no %s, and the solution has", folder,
                    solution->items[i].name);
            err_set_cure(err, "copy the solution there, and put one bug into it");
            return NULL;
        }
        if (is_same(here, &solution->items[i]))
            continue;
        first = solution->items[i].name;
        str_append_format(&names, "%s%s", count++ > 0 ? ", " : "", first);
    }
    for (size_t i = 0; i < edited->count; i++)
        if (find(solution, edited->items[i].name) == NULL &&
            !strings_have(&lab->given, edited->items[i].name)) {
            err_set(err, ERR_USAGE, "the solution has no %s", edited->items[i].name);
            err_set_cure(err, "a bug is a change of the solution's own files: remove it from %s",
                         folder);
            return NULL;
        }
    if (count == 1)
        return first;
    if (count == 0) {
        err_set(err, ERR_USAGE, "%s is the solution, without any bug", folder);
        err_set_cure(err, "change at most five lines of it, then type this again");
        return NULL;
    }
    err_set(err, ERR_USAGE, "%zu files differ from the solution: %s", count, str_text(&names));
    err_set_cure(err, "a wrong program has one bug, in one place of one file");
    return NULL;
}

// Is it one hunk of few lines? The lines are the edited file's, for whoever has it open.
static bool is_one_bug(const char *patch, const char *file, struct err *err)
{
    struct head head = {0};
    if (!head_read_patch(file, patch, &head, err))
        return false;
    bool good = head.hunks == 1 && head.added <= RULES_CHANGED_LINES_MOST &&
                head.removed <= RULES_CHANGED_LINES_MOST;
    if (!good) {
        struct bug bug = bug_read(patch);
        auto_str struct str lines = STR_INIT;
        for (size_t i = 0; i < bug.line_count && i < NAMED_LINES; i++)
            str_append_format(&lines, "%s%d", i > 0 ? ", " : "", bug.lines[i]);
        err_set(err, ERR_USAGE,
                "%s differs from the solution in %zu place%s (%zu line%s in, %zu out; "
                "at %s%s)",
                file, head.hunks, head.hunks == 1 ? "" : "s", head.added,
                head.added == 1 ? "" : "s", head.removed, str_text(&lines),
                bug.line_count > NAMED_LINES ? ", …" : "");
        err_set_cure(err, "a wrong program has one bug: one place, at most %d lines in and out",
                     RULES_CHANGED_LINES_MOST);
        bug_release(&bug);
    }
    head_release(&head);
    return good;
}

static char *difference(const char *solution, const char *folder, const char *file, struct err *err)
{
    auto_free char *from = path_join(solution, file);
    auto_free char *to = path_join(folder, file);
    auto_free char *from_label = str_format("a/%s", file);
    auto_free char *to_label = str_format("b/%s", file);
    const char *const argv[] = {"diff",   "-u", "--label", from_label, "--label",
                                to_label, "--", from,      to,         NULL};
    struct str patch = STR_INIT;
    struct err why = ERR_INIT;
    tool_ask(argv, &patch, &why);
    if (why.kind != ERR_NONE) {
        err_move(err, &why);
        err_set_cure(err, "sudo apt-get install diffutils");
        str_release(&patch);
        return NULL;
    }
    str_append_char(&patch, '\n');
    return str_take(&patch);
}

char *wrong_difference(const struct lab *lab, const char *folder, struct err *err)
{
    auto_free char *solution = path_join(lab->folder, "solution");
    auto_free char *patch = NULL;
    struct sources right = {0};
    struct sources edited = {0};
    if (sources_read(solution, &lab->edit, &right, err) &&
        sources_read(folder, &lab->edit, &edited, err)) {
        const char *file = changed_file(lab, &right, &edited, folder, err);
        if (file != NULL)
            patch = difference(solution, folder, file, err);
        if (patch != NULL && !is_one_bug(patch, file, err))
            free(take(patch));
    }
    sources_release(&right);
    sources_release(&edited);
    return take(patch);
}
