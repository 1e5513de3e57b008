// SPDX-License-Identifier: MIT
// Text for people: escaped bytes, widths, words that were meant.
#include "base/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

void text_append_escaped(struct str *out, const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *b = bytes;
    for (size_t i = 0; i < length; i++) {
        switch (b[i]) {
        case '\\':
            str_append(out, "\\\\");
            break;
        case '\r':
            str_append(out, "\\r");
            break;
        case '\n':
            str_append(out, "\\n");
            break;
        case '\t':
            str_append(out, "\\t");
            break;
        default:
            if (b[i] >= 0x20 && b[i] < 0x7f) {
                str_append_char(out, (char)b[i]);
            } else {
                char hex[] = {'\\', 'x', digits[b[i] >> 4], digits[b[i] & 15]};
                str_append_bytes(out, hex, sizeof hex);
            }
        }
    }
}

static bool has_control(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
        if (*c < 0x20 || *c == 0x7f)
            return true;
    return false;
}

void text_append_shell_word(struct str *out, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "%+,-./:=@_";
    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        str_append(out, word);
        return;
    }
    bool control = has_control(word);
    str_append(out, control ? "$'" : "'");
    for (const char *c = word; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (control && (byte < 0x20 || byte == 0x7f))
            str_append_format(out, "\\x%02x", byte);
        else if (control && (*c == '\'' || *c == '\\'))
            str_append_format(out, "\\%c", *c);
        else if (*c == '\'')
            str_append(out, "'\\''");
        else
            str_append_char(out, *c);
    }
    str_append_char(out, '\'');
}

char *text_escape(const void *bytes, size_t length)
{
    struct str out = STR_INIT;
    text_append_escaped(&out, bytes, length);
    return str_take(&out);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

void text_append_unescaped(struct str *out, const char *escaped)
{
    for (const char *c = escaped; *c != '\0'; c++) {
        if (*c != '\\') {
            str_append_char(out, *c);
            continue;
        }
        if (c[1] == 'x' && hex_value(c[2]) >= 0 && hex_value(c[3]) >= 0) {
            str_append_char(out, (char)(hex_value(c[2]) * 16 + hex_value(c[3])));
            c += 3;
            continue;
        }
        static const char letters[] = "rnt\\";
        static const char meanings[] = "\r\n\t\\";
        const char *found = c[1] != '\0' ? strchr(letters, c[1]) : NULL;
        if (found != NULL) {
            str_append_char(out, meanings[found - letters]);
            c++;
        } else {
            str_append_char(out, '\\');
        }
    }
}

// Decodes one UTF-8 character. Returns its length in bytes, 0 when the bytes are no character.
static size_t decode(const unsigned char *s, unsigned *out_code)
{
    size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
    if (length == 0 || s[0] > 0xf4)
        return 0;
    unsigned code = length == 1 ? s[0] : s[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    *out_code = code;
    return length;
}

size_t text_width(const char *utf8)
{
    size_t width = 0;
    const unsigned char *s = (const unsigned char *)utf8;
    while (*s != '\0') {
        unsigned code = 0;
        size_t length = decode(s, &code);
        // wcwidth needs a UTF-8 locale for what is not ASCII; without one it says -1.
        int columns = length > 0 ? wcwidth((wchar_t)code) : 1;
        width += columns >= 0 ? (size_t)columns : 1;
        s += length > 0 ? length : 1;
    }
    return width;
}

// Bytes of the character at s, of which `left` bytes are there; 0 when it is none.
static size_t character_length(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || left < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    // RFC 3629 4: the second byte's range says whether the form is overlong, a surrogate, too high.
    bool bad = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
               (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f);
    return bad ? 0 : length;
}

size_t text_utf8_prefix(const char *bytes, size_t length)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t at = 0;
    while (at < length) {
        size_t character = character_length(s + at, length - at);
        if (character == 0)
            break;
        at += character;
    }
    return at;
}

// A whole character that a terminal only shows: U+0080 to U+009F are control characters too, and a
// terminal may take U+009B for the start of a command. Its length in bytes, or 0.
static size_t clean_character(const char *text, size_t left)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t length = character_length(s, left);
    bool control = s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && length == 2 && s[1] < 0xa0);
    return control ? 0 : length;
}

void text_append_clean(struct str *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t whole = clean_character(text + i, length - i);
        if (whole > 0)
            str_append_bytes(out, text + i, whole);
        else if (text[i] != '\t')
            str_append_char(out, '?');
        else
            str_append_format(out, "%*s", (int)(8 - text_width(str_text(out)) % 8), "");
        i += whole > 0 ? whole : 1;
    }
}

// Edits that turn a into b: insert, delete, replace, and swap of two neighbours.
static size_t distance(const char *a, const char *b)
{
    size_t columns = strlen(b) + 1;
    auto_free size_t *rows = mem_alloc_array(3 * columns, sizeof *rows);
    size_t *before = rows;
    size_t *last = rows + columns;
    size_t *current = rows + 2 * columns;
    for (size_t j = 0; j < columns; j++)
        last[j] = j;
    for (size_t i = 1; i <= strlen(a); i++) {
        current[0] = i;
        for (size_t j = 1; j < columns; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (current[j - 1] + 1 < best)
                best = current[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            current[j] = best;
        }
        size_t *oldest = before;
        before = last;
        last = current;
        current = oldest;
    }
    return last[columns - 1];
}

const char *text_suggest(const char *typed, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    size_t least = strlen(typed) / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t edits = distance(typed, candidates[i]);
        if (strlen(typed) >= 2 && str_starts_with(candidates[i], typed))
            edits = 1;
        if (edits < least) {
            least = edits;
            nearest = candidates[i];
        }
    }
    return nearest;
}
