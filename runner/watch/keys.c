// SPDX-License-Identifier: MIT
// From the bytes that a terminal sends to keys.
#include "watch/keys.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *sequence; // behind ESC [ or ESC O
    int key;
} sequences[] = {
    {"A", KEY_UP},  {"B", KEY_DOWN},  {"5~", KEY_PAGE_UP}, {"6~", KEY_PAGE_DOWN}, {"H", KEY_HOME},
    {"F", KEY_END}, {"1~", KEY_HOME}, {"4~", KEY_END},     {"7~", KEY_HOME},      {"8~", KEY_END},
};

static bool is_final(char c)
{
    return c >= 0x40 && c <= 0x7e;
}

// ECMA-48 5.4: parameters and intermediates, then one final byte.
static int read_sequence(const char *bytes, size_t length, size_t *out_used)
{
    size_t end = 2;
    while (end < length && !is_final(bytes[end]))
        end++;
    *out_used = end < length ? end + 1 : length;
    size_t found = *out_used - 2;
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        if (strlen(sequences[i].sequence) == found &&
            memcmp(sequences[i].sequence, bytes + 2, found) == 0)
            return sequences[i].key;
    return KEY_OTHER;
}

int key_read(const char *bytes, size_t length, size_t *out_used)
{
    *out_used = length > 0;
    if (length == 0)
        return KEY_NONE;
    if (bytes[0] != '\033')
        return (unsigned char)bytes[0] < 0x80 ? (unsigned char)bytes[0] : KEY_OTHER;
    if (length == 1)
        return KEY_ESCAPE;
    if (bytes[1] == '[' || bytes[1] == 'O')
        return read_sequence(bytes, length, out_used);
    *out_used = 2; // Alt and a key
    return bytes[1] == '\033' ? KEY_ESCAPE : KEY_OTHER;
}
