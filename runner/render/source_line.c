// SPDX-License-Identifier: MIT
// Lines of the learner's sources on the screen: tabs as columns, nothing that a terminal obeys, cut
// at the width.
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum { TAB = 8, NARROW_GUTTER = 8, BAR = 3 /* " | " */ };

char *expand_tabs(const char *line)
{
    auto_str struct str out = STR_INIT;
    for (; *line != '\0'; line++) {
        if (*line == '\t')
            blanks_append(&out, TAB - text_width(str_text(&out)) % TAB);
        else
            str_append_char(&out, *line);
    }
    return visible(str_text(&out));
}

char *cut_columns(const char *text, size_t from, size_t width)
{
    auto_str struct str out = STR_INIT;
    size_t column = 0;
    while (*text != '\0') {
        size_t length = character_length(text);
        char character[8] = {0};
        memcpy(character, text, length);
        size_t columns = text_width(character);
        if (column >= from && column + columns <= from + width)
            str_append(&out, character);
        column += columns;
        text += length;
    }
    return str_take(&out);
}

// Where a line is too wide, its indentation makes room first; what is still too much is cut off.
static char *fit(const char *whole, size_t width)
{
    size_t columns = text_width(whole);
    size_t indentation = strspn(whole, " ");
    size_t surplus = columns > width ? columns - width : 0;
    if (surplus <= indentation)
        return cut_columns(whole, surplus, width);
    auto_free char *part = cut_columns(whole, indentation, width - 1);
    return str_format("%s…", part);
}

void print_source_line(const struct screen *screen, int line, const char *text)
{
    if (screen->plain) {
        auto_free char *spoken = expand_tabs(text);
        auto_free char *label = str_format("  line %d: ", line);
        screen_wrap(screen, label, "    ", spoken + strspn(spoken, " "));
        return;
    }
    size_t gutter =
        exchange_indent(screen) > NARROW_GUTTER ? exchange_indent(screen) - 1 + BAR : NARROW_GUTTER;
    auto_free char *whole = expand_tabs(text);
    auto_free char *shown = fit(whole, (size_t)screen->width - gutter);
    screen_print(screen, STYLE_DIM, "%*d |", (int)(gutter - BAR), line);
    fprintf(screen->out, "%s%s\n", shown[0] != '\0' ? " " : "", shown);
}
