// SPDX-License-Identifier: MIT
// What a terminal can, styles, and text that is safe to print on it.
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "render/parts.h"

enum { WIDEST = 80, NARROWEST = 20 };

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0';
}

static bool wants_colour(int terminal, const char *colour)
{
    if (str_equal(colour, "always"))
        return true;
    if (str_equal(colour, "never") || is_set("NO_COLOR") || terminal < 0)
        return false;
    return is_set("TERM") && !str_equal(getenv("TERM"), "dumb");
}

static int columns(int terminal)
{
    const char *set = getenv("COLUMNS");
    char *end = NULL;
    long asked = set != NULL ? strtol(set, &end, 10) : 0;
    if (asked > 0 && asked < 10000 && *end == '\0')
        return (int)asked;
    struct winsize size;
    if (terminal >= 0 && ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return WIDEST;
}

struct screen screen_for(FILE *out, const char *colour)
{
    int descriptor = fileno(out); // -1 for a stream in memory
    int terminal = descriptor >= 0 && isatty(descriptor) ? descriptor : -1;
    int width = columns(terminal);
    bool asked = is_set(SCREEN_PLAIN_VARIABLE);
    return (struct screen){
        .out = out,
        .colour = wants_colour(terminal, colour) && !(asked && !str_equal(colour, "always")),
        .width = width > WIDEST      ? WIDEST
                 : width < NARROWEST ? NARROWEST
                                     : width,
        .plain = asked || (terminal >= 0 && str_equal(getenv("TERM"), "dumb")),
    };
}

void style_append(struct str *out, const struct screen *screen, enum style style)
{
    static const char *const codes[] = {
        [STYLE_PLAIN] = "\033[0m", [STYLE_GOOD] = "\033[32m",  [STYLE_BAD] = "\033[1;31m",
        [STYLE_DIM] = "\033[2m",   [STYLE_STRONG] = "\033[1m", [STYLE_POINT] = "\033[1;36m",
    };
    if (screen->colour)
        str_append(out, codes[style]);
}

void screen_print(const struct screen *screen, enum style style, const char *format, ...)
{
    auto_str struct str out = STR_INIT;
    if (style != STYLE_PLAIN)
        style_append(&out, screen, style);
    va_list arguments;
    va_start(arguments, format);
    str_append_format_list(&out, format, arguments);
    va_end(arguments);
    if (style != STYLE_PLAIN)
        style_append(&out, screen, STYLE_PLAIN);
    fputs(str_text(&out), screen->out);
}

// The length of a whole UTF-8 character, 0 for bytes that are none (RFC 3629: no surrogates, no
// overlong forms).
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return s[0] != 0;
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    return overlong || beyond ? 0 : length;
}

size_t character_length(const char *text)
{
    size_t length = utf8_length((const unsigned char *)text);
    return length > 0 ? length : *text != '\0';
}

// Control characters of ASCII and, as UTF-8, of Latin-1 (0x80 to 0x9f: ESC [ in one byte), and the
// marks that turn the direction of writing around.
static bool is_harmless(const unsigned char *s, size_t length)
{
    if (length == 1)
        return s[0] >= 0x20 && s[0] != 0x7f;
    if (length == 2)
        return !(s[0] == 0xc2 && s[1] < 0xa0);
    if (length == 3 && s[0] == 0xe2 && s[1] == 0x80)
        return !((s[2] >= 0xa8 && s[2] <= 0xae) || s[2] == 0x8e || s[2] == 0x8f);
    if (length == 3 && s[0] == 0xe2 && s[1] == 0x81)
        return !(s[2] >= 0xa6 && s[2] <= 0xa9);
    return length > 0;
}

void visible_append(struct str *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)(text != NULL ? text : "");
    while (*s != '\0') {
        size_t length = utf8_length(s);
        if (is_harmless(s, length)) {
            str_append_bytes(out, s, length);
        } else {
            length = length > 0 ? length : 1;
            text_append_escaped(out, s, length);
        }
        s += length;
    }
}

char *visible(const char *text)
{
    struct str out = STR_INIT;
    visible_append(&out, text);
    return str_take(&out);
}

size_t marked_width(const char *marked)
{
    auto_str struct str plain = STR_INIT;
    for (const char *c = marked; *c != '\0'; c++)
        if (!is_mark(*c))
            str_append_char(&plain, *c);
    return text_width(str_text(&plain));
}

void blanks_append(struct str *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        str_append_char(out, ' ');
}

void count_append(struct str *out, size_t number)
{
    auto_free char *digits = str_format("%zu", number);
    size_t length = strlen(digits);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            str_append_char(out, ',');
        str_append_char(out, digits[i]);
    }
}

void plural_append(struct str *out, size_t number, const char *noun)
{
    count_append(out, number);
    str_append_format(out, " %s%s", noun, number == 1 ? "" : "s");
}
