// SPDX-License-Identifier: MIT
/*
 * What gcc says, as data: the plain lines of the linkers (GNU ld, gold), the assembler and gcc's
 * driver. Examples of each stand beside what reads them.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "build/diagnostics.h"

struct place {
    const struct source *source; // NULL: none of the learner's
    int line;
    const char *rest; // what follows the place
};

// "server.c:12: …", "server.c:12:3: …". Of names that both fit, the longer one.
static struct place read_place(const char *text, const struct sources *sources)
{
    while (str_starts_with(text, "./"))
        text += 2;
    struct place place = {NULL, 0, text};
    size_t longest = 0;
    for (size_t i = 0; i < sources->count; i++) {
        const char *name = sources->items[i].name;
        size_t length = strlen(name);
        if (length <= longest || strncmp(text, name, length) != 0 || text[length] != ':')
            continue;
        char *end = NULL;
        long line = strtol(text + length + 1, &end, 10);
        if (end == text + length + 1 || *end != ':' || line < 1 || line > INT_MAX)
            continue;
        longest = length;
        place = (struct place){&sources->items[i], (int)line, end + 1};
    }
    place.rest += strspn(place.rest, " ");
    return place;
}

static void add(struct diagnostics *out, const struct sources *sources, const struct place *place,
                const char *severity, const char *message)
{
    auto_free char *file = place->source != NULL ? mem_copy_string(place->source->name) : NULL;
    auto_free char *word = mem_copy_string(severity);
    auto_free char *text = mem_copy_string(message);
    diagnostics_add(out, sources,
                    &(struct build_diagnostic){
                        .file = file, .line = place->line, .severity = word, .message = text});
}

static void add_note(struct diagnostics *out, const struct sources *sources, const char *message)
{
    add(out, sources, &(struct place){NULL, 0, ""}, "note", message);
}

// "undefined reference to `main'" (GNU ld), "… 'main'" (gold).
static void read_undefined(struct diagnostics *out, const struct sources *sources,
                           const struct place *place, const char *message)
{
    add(out, sources, place, "error", message);
    if (strstr(message, "`main'") != NULL || strstr(message, "'main'") != NULL)
        add_note(out, sources, "no source file defines main(), where a program begins");
}

// "multiple definition of `f'; /tmp/cc0VvV3f.o:././d1.c:1: first defined here"
static void read_doubled(struct diagnostics *out, const struct sources *sources,
                         const struct place *place, const char *message)
{
    const char *semicolon = strstr(message, "; ");
    if (semicolon == NULL) {
        add(out, sources, place, "error", message);
        return;
    }
    auto_free char *first = str_format("%.*s", (int)(semicolon - message), message);
    add(out, sources, place, "error", first);
    const char *object = strstr(semicolon, ".o:");
    struct place other = read_place(object != NULL ? object + 3 : "", sources);
    if (other.source != NULL)
        add(out, sources, &other, "note", other.rest);
}

// Lines that say nothing by themselves.
static bool is_frame(const char *line)
{
    return str_ends_with(line, ":") || str_starts_with(line, "collect2: ") ||
           str_starts_with(line, "compilation terminated") ||
           strstr(line, ": previous definition here") != NULL;
}

// Behind any of these words comes what went wrong.
static const char *find_complaint(const char *line)
{
    static const char *const words[] = {"fatal error: ", "error: ", "Error: "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *found = strstr(line, words[i]);
        if (found != NULL)
            return found + strlen(words[i]);
    }
    // "/usr/bin/ld: cannot find -lfoo: No such file or directory", "cc1: out of memory allocating
    // 42665472 bytes after …", "virtual memory exhausted: Cannot allocate memory"
    const char *missing = strstr(line, "cannot find ");
    if (missing != NULL)
        return missing;
    return linker_find_limit(line) != NULL ? line : NULL;
}

void linker_read_line(const char *line, const struct sources *sources,
                      struct diagnostics *diagnostics)
{
    const char *limit = linker_find_limit(line);
    if (limit != NULL)
        diagnostics->limit = limit;
    if (is_frame(line))
        return;
    struct place place = read_place(line, sources);
    const char *undefined = strstr(place.rest, "undefined reference to ");
    const char *doubled = strstr(place.rest, "multiple definition of ");
    const char *warning = strstr(place.rest, "warning: ");
    const char *complaint = find_complaint(place.rest);
    if (undefined != NULL)
        read_undefined(diagnostics, sources, &place, undefined);
    else if (doubled != NULL)
        read_doubled(diagnostics, sources, &place, doubled);
    else if (warning != NULL)
        add(diagnostics, sources, &place, "warning", warning + strlen("warning: "));
    else if (complaint != NULL)
        add(diagnostics, sources, &place, "error", complaint);
}

const char *linker_find_limit(const char *line)
{
    static const struct {
        const char *text, *meaning;
    } limits[] = {
        {"out of memory", "the compiler used up 2 GiB of memory"},
        {"virtual memory exhausted", "the compiler used up 2 GiB of memory"},
        {"memory exhausted", "the compiler used up 2 GiB of memory"},
        {"CPU time limit exceeded", "the compiler used up 10 s of CPU time"},
        {"File size limit exceeded", "the compiler wrote more than 64 MiB"},
        {"File too large", "the compiler wrote more than 64 MiB"},
        {"Killed signal terminated program", "the compiler used up its memory or its CPU time"},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (strstr(line, limits[i].text) != NULL)
            return limits[i].meaning;
    return NULL;
}
