// SPDX-License-Identifier: MIT
// A program that does not compile: the compiler's own first error, and what the common ones mean.
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/diagnostic.h"
#include "render/parts.h"

enum { GUTTER = 8, RAW_LINES = 10 };

// What the compiler points at, in words.
static void say_caret(const struct screen *screen, const struct build_diagnostic *diagnostic,
                      const char *line)
{
    if (diagnostic->caret_from <= 0)
        return;
    int to = diagnostic->caret_to > diagnostic->caret_from ? diagnostic->caret_to
                                                           : diagnostic->caret_from;
    auto_free char *part = cut_columns(line, (size_t)diagnostic->caret_from - 1,
                                       (size_t)(to - diagnostic->caret_from) + 1);
    if (part[0] != '\0')
        screen_wrap(screen, "  it points at: ", "    ", part);
}

static void print_source(const struct screen *screen, const struct build_diagnostic *diagnostic)
{
    auto_free char *whole = expand_tabs(diagnostic->source_line);
    if (screen->plain) {
        print_source_line(screen, diagnostic->line, diagnostic->source_line);
        say_caret(screen, diagnostic, whole);
        return;
    }
    size_t width = (size_t)screen->width - GUTTER;
    size_t caret = diagnostic->caret_from > 0 ? (size_t)diagnostic->caret_from - 1 : 0;
    size_t from = caret >= width ? caret - width / 2 : 0;
    auto_free char *shown = cut_columns(whole, from, width);
    screen_print(screen, STYLE_DIM, "%5d | ", diagnostic->line);
    fprintf(screen->out, "%s\n", shown);
    if (diagnostic->caret_from <= 0)
        return;
    auto_str struct str carets = STR_INIT;
    str_append_char(&carets, '^');
    for (int i = diagnostic->caret_from; i < diagnostic->caret_to; i++)
        if (caret - from + carets.length < width)
            str_append_char(&carets, '~');
    screen_print(screen, STYLE_DIM, "      | ");
    fprintf(screen->out, "%*s", (int)(caret - from), "");
    screen_print(screen, STYLE_POINT, "%s", str_text(&carets));
    fputc('\n', screen->out);
}

static void print_diagnostic(const struct screen *screen, const struct build_diagnostic *diagnostic)
{
    auto_str struct str text = STR_INIT;
    if (diagnostic->file != NULL) {
        visible_append(&text, diagnostic->file);
        if (diagnostic->line > 0)
            str_append_format(&text, ":%d", diagnostic->line);
        if (diagnostic->line > 0 && diagnostic->column > 0)
            str_append_format(&text, ":%d", diagnostic->column);
        str_append(&text, ": ");
    }
    bool bad = str_equal(diagnostic->severity, "error");
    if (diagnostic->severity != NULL)
        str_append_format(&text, "%c%s:%c ", MARK(bad ? STYLE_BAD : STYLE_STRONG),
                          diagnostic->severity, MARK(STYLE_PLAIN));
    visible_append(&text, diagnostic->message);
    print_wrapped(screen, "", "    ", str_text(&text));
    if (diagnostic->source_line != NULL && diagnostic->line > 0)
        print_source(screen, diagnostic);
}

// Says a sentence once, however many messages it fits.
static void print_help(const struct screen *screen, const struct build_result *build, size_t index,
                       struct strings *said)
{
    auto_free char *help = diagnostic_help(build->diagnostics, build->diagnostic_count, index);
    if (help == NULL || strings_have(said, help))
        return;
    print_labelled(screen, STYLE_STRONG, "help", "%s", help);
    strings_add(said, help);
}

void print_diagnostics(const struct screen *screen, const struct build_result *build, size_t count)
{
    auto_strings struct strings said = STRINGS_INIT;
    for (size_t i = 0; i < count; i++) {
        print_diagnostic(screen, &build->diagnostics[i]);
        // Behind the notes that belong to the message, when they are shown.
        size_t first = i;
        while (first > 0 && str_equal(build->diagnostics[first].severity, "note"))
            first--;
        bool more = i + 1 < count && str_equal(build->diagnostics[i + 1].severity, "note");
        if (!more)
            print_help(screen, build, first, &said);
    }
}

// The compiler's last lines, for when it said nothing that could be taken apart.
static void print_raw(const struct screen *screen, const char *raw)
{
    size_t lines = 0;
    const char *from = raw + strlen(raw);
    while (from > raw && lines <= RAW_LINES)
        lines += *--from == '\n';
    while (*from != '\0') {
        size_t length = strcspn(from, "\n");
        auto_str struct str line = STR_INIT;
        str_append_bytes(&line, from, length);
        if (length > 0)
            screen_wrap(screen, "", "    ", str_text(&line));
        from += length + (from[length] == '\n');
    }
}

static void print_others(const struct screen *screen, const struct build_result *build,
                         const struct report_options *options)
{
    size_t errors = 0;
    size_t warnings = 0;
    for (size_t i = 1; i < build->diagnostic_count; i++) {
        errors += str_equal(build->diagnostics[i].severity, "error");
        warnings += str_equal(build->diagnostics[i].severity, "warning");
    }
    auto_str struct str text = STR_INIT;
    if (errors > 0)
        plural_append(&text, errors, "more error");
    if (errors > 0 && warnings > 0)
        str_append(&text, ", ");
    if (warnings > 0)
        plural_append(&text, warnings, "warning");
    if (errors + warnings > 0)
        print_labelled(screen, STYLE_STRONG, "note", "%s (%s check -v)", str_text(&text),
                       options->command);
}

void render_build_failure(const struct screen *screen, const struct attempt *attempt,
                          const struct report_options *options)
{
    const struct build_result *build = &attempt->build;
    bool whole = options->verbose || options->all;
    size_t shown = whole ? build->diagnostic_count : build->diagnostic_count > 0;
    if (build->stopped != NULL)
        print_labelled(screen, STYLE_BAD, "error", "%s", build->stopped);
    print_diagnostics(screen, build, shown);
    if (build->diagnostic_count == 0 && build->raw != NULL)
        print_raw(screen, build->raw);
    if (!whole)
        print_others(screen, build, options);
}
