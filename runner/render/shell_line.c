// SPDX-License-Identifier: MIT
/*
 * A shell command on a narrow screen. Whoever pastes it must get the same command, so a line may
 * end only where the shell joins it to the next again: a backslash outside single quotes, or the
 * quote closed, a backslash, and the quote opened anew.
 */
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum quoting { UNQUOTED, SINGLE, DOUBLE, DOLLAR }; // '…', "…", $'…'

struct shell_line {
    const struct screen *screen;
    struct str out;
    size_t column;
    enum quoting quoting;
};

static void break_line(struct shell_line *line)
{
    static const char *const breaks[] = {
        [UNQUOTED] = "\\\n", [SINGLE] = "'\\\n'", [DOUBLE] = "\\\n", [DOLLAR] = "'\\\n$'"};
    str_append(&line->out, breaks[line->quoting]);
    line->column = strlen(strchr(breaks[line->quoting], '\n') + 1);
}

// What must stay together from here on: an escape or one character.
static size_t unit_length(const struct shell_line *line, const char *c)
{
    size_t first = character_length(c);
    if (line->quoting == UNQUOTED && c[0] == '$' && c[1] == '\'')
        return 2;
    if (*c != '\\' || line->quoting == SINGLE || c[1] == '\0')
        return first;
    size_t length = first + character_length(c + 1);
    if (line->quoting != DOLLAR)
        return length;
    size_t digits = strspn(c + length, "0123456789abcdefABCDEF");
    return length + (digits < 8 ? digits : 8);
}

static void follow_quotes(struct shell_line *line, char c)
{
    switch (line->quoting) {
    case UNQUOTED:
        if (c == '\'')
            line->quoting = SINGLE;
        else if (c == '"')
            line->quoting = DOUBLE;
        break;
    case SINGLE:
    case DOLLAR:
        if (c == '\'')
            line->quoting = UNQUOTED;
        break;
    case DOUBLE:
        if (c == '"')
            line->quoting = UNQUOTED;
        break;
    }
}

// Columns as far as the next blank.
static size_t word_width(const char *c)
{
    auto_str struct str word = STR_INIT;
    str_append_bytes(&word, c, strcspn(c, " "));
    return text_width(str_text(&word));
}

static void put_unit(struct shell_line *line, const char *c, size_t length, size_t limit)
{
    auto_str struct str unit = STR_INIT;
    str_append_bytes(&unit, c, length);
    size_t width = text_width(str_text(&unit));
    if (line->column + width > limit)
        break_line(line);
    str_append(&line->out, str_text(&unit));
    line->column += width;
    if (length == 1)
        follow_quotes(line, *c);
    else if (str_equal(str_text(&unit), "$'"))
        line->quoting = DOLLAR;
}

static void put_command(struct shell_line *line, const char *command)
{
    // Room for what a break itself prints: '\ at the most.
    size_t limit = (size_t)line->screen->width - 2;
    for (const char *c = command; *c != '\0';) {
        size_t length = unit_length(line, c);
        put_unit(line, c, length, limit);
        // Between two words, the second goes down whole when it fits there.
        if (line->quoting == UNQUOTED && length == 1 && *c == ' ' && word_width(c + 1) < limit &&
            line->column + word_width(c + 1) > limit && c[1] != '\0')
            break_line(line);
        c += length;
    }
}

void print_command(const struct screen *screen, const char *first, const char *command)
{
    auto_free char *safe = visible(command);
    auto_free char *begin = visible(first);
    struct shell_line line = {.screen = screen, .column = text_width(begin)};
    str_append(&line.out, begin);
    put_command(&line, safe);
    str_append_char(&line.out, '\n');
    fputs(str_text(&line.out), screen->out);
    str_release(&line.out);
}

void screen_command(const struct screen *screen, const char *label, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *command = str_format_list(format, arguments);
    va_end(arguments);
    bool fits = text_width(label) + text_width(command) <= (size_t)screen->width;
    if (!fits)
        screen_wrap(screen, "", "", label);
    print_command(screen, fits ? label : "", command);
}
