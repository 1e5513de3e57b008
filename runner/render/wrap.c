// SPDX-License-Identifier: MIT
// Wrapping at the width: marked text becomes lines, words stay whole while they fit.
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum { NARROWEST_TEXT = 8 }; // columns left for text, however deep it is indented

struct wrapper {
    struct str *out;
    const struct screen *screen;
    const char *rest;
    enum style style; // in force in the text
    size_t limit;     // columns of a line
    size_t column;    // printed on this line
    size_t begin;     // column at which the text began
};

bool is_mark(char c)
{
    return c >= MARK(STYLE_PLAIN) && c <= MARK(STYLE_POINT);
}

static void set_style(struct wrapper *wrapper, enum style style)
{
    if (wrapper->style != STYLE_PLAIN)
        style_append(wrapper->out, wrapper->screen, STYLE_PLAIN);
    if (style != STYLE_PLAIN)
        style_append(wrapper->out, wrapper->screen, style);
    wrapper->style = style;
}

// Puts marked text on the line as it is.
static void put(struct wrapper *wrapper, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (is_mark(text[i]))
            set_style(wrapper, (enum style)(text[i] - 1));
        else
            str_append_char(wrapper->out, text[i]);
    }
    auto_str struct str copy = STR_INIT;
    str_append_bytes(&copy, text, length);
    wrapper->column += marked_width(str_text(&copy));
}

static void begin_line(struct wrapper *wrapper, const char *prefix)
{
    wrapper->column = 0;
    put(wrapper, prefix, strlen(prefix));
    wrapper->begin = wrapper->column;
    wrapper->limit = (size_t)wrapper->screen->width;
    if (wrapper->limit < wrapper->begin + NARROWEST_TEXT)
        wrapper->limit = wrapper->begin + NARROWEST_TEXT;
}

// Blanks that the prefix left at the end of a line are no use to anybody.
static void end_line(struct wrapper *wrapper)
{
    while (wrapper->out->length > 0 && wrapper->out->data[wrapper->out->length - 1] == ' ')
        wrapper->out->data[--wrapper->out->length] = '\0';
    set_style(wrapper, STYLE_PLAIN);
    str_append_char(wrapper->out, '\n');
}

static void next_line(struct wrapper *wrapper)
{
    enum style style = wrapper->style;
    end_line(wrapper);
    begin_line(wrapper, wrapper->rest);
    set_style(wrapper, style);
}

// A word longer than a line is broken between characters.
static void put_long(struct wrapper *wrapper, const char *word, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t step = is_mark(word[i]) ? 1 : character_length(word + i);
        char character[8] = {0};
        memcpy(character, word + i, step);
        size_t width = is_mark(word[i]) ? 0 : text_width(character);
        if (wrapper->column + width > wrapper->limit && wrapper->column > wrapper->begin)
            next_line(wrapper);
        put(wrapper, word + i, step);
        i += step;
    }
}

static void put_word(struct wrapper *wrapper, size_t blanks, const char *word, size_t length)
{
    auto_str struct str copy = STR_INIT;
    str_append_bytes(&copy, word, length);
    size_t width = marked_width(str_text(&copy));
    bool at_begin = wrapper->column == wrapper->begin;
    if (!at_begin && wrapper->column + blanks + width > wrapper->limit) {
        next_line(wrapper);
        blanks = 0;
    } else if (at_begin) {
        blanks = 0;
    }
    blanks_append(wrapper->out, blanks);
    wrapper->column += blanks;
    if (width > wrapper->limit - wrapper->begin)
        put_long(wrapper, word, length);
    else
        put(wrapper, word, length);
}

void wrap_append(struct str *out, const struct screen *screen, const char *first, const char *rest,
                 const char *marked)
{
    struct wrapper wrapper = {.out = out, .screen = screen, .rest = rest};
    begin_line(&wrapper, first);
    for (const char *c = marked; *c != '\0';) {
        if (*c == '\n') {
            next_line(&wrapper);
            c++;
            continue;
        }
        size_t blanks = strspn(c, " ");
        size_t length = strcspn(c + blanks, " \n");
        if (length > 0)
            put_word(&wrapper, blanks, c + blanks, length);
        c += blanks + length;
    }
    end_line(&wrapper);
}

void print_wrapped(const struct screen *screen, const char *first, const char *rest,
                   const char *marked)
{
    auto_str struct str out = STR_INIT;
    wrap_append(&out, screen, first, rest, marked);
    fputs(str_text(&out), screen->out);
}

void screen_wrap(const struct screen *screen, const char *first, const char *rest, const char *text)
{
    auto_free char *safe = visible(text);
    print_wrapped(screen, first, rest, safe);
}

void screen_status(const struct screen *screen, bool good, const char *what, const char *found)
{
    auto_free char *safe = visible(found);
    auto_free char *first = str_format("%c%s%c  %-11s ", MARK(good ? STYLE_GOOD : STYLE_BAD),
                                       good ? "ok  " : "FAIL", MARK(STYLE_PLAIN), what);
    print_wrapped(screen, first, "                  ", safe);
}

void screen_say(const struct screen *screen, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = str_format_list(format, arguments);
    va_end(arguments);
    screen_wrap(screen, "", "", text);
}

void print_labelled(const struct screen *screen, enum style style, const char *label,
                    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = str_format_list(format, arguments);
    va_end(arguments);
    auto_free char *safe = visible(text);
    auto_free char *first = str_format("%c%s:%c ", MARK(style), label, MARK(STYLE_PLAIN));
    auto_str struct str rest = STR_INIT;
    blanks_append(&rest, strlen(label) + 2);
    print_wrapped(screen, first, str_text(&rest), safe);
}
