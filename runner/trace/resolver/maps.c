// SPDX-License-Identifier: MIT
// /proc/PID/maps, line by line: a program can map what it likes, and name it so.
#include <stdio.h>
#include <string.h>

#include "trace/resolver/session.h"

struct mapping {
    uint64_t low, high;
    const char *name;
    size_t length;
};

static bool read_number(const char **at, const char *end, uint64_t *out)
{
    const char *start = *at;
    uint64_t value = 0;
    for (; *at < end && *at - start < 16; (*at)++) {
        const char *digits = "0123456789abcdef";
        const char *digit = **at != '\0' ? strchr(digits, **at) : NULL;
        if (digit == NULL)
            break;
        value = value << 4 | (uint64_t)(digit - digits);
    }
    *out = value;
    return *at > start;
}

static bool skip_words(const char **at, const char *end, int count)
{
    for (; count > 0; count--) {
        while (*at < end && **at == ' ')
            (*at)++;
        if (*at == end)
            return false;
        while (*at < end && **at != ' ')
            (*at)++;
    }
    while (*at < end && **at == ' ')
        (*at)++;
    return *at < end;
}

// "low-high perms offset device inode     name"; without a name it is of no use here.
static bool read_line(const char *at, const char *end, struct mapping *out)
{
    if (!read_number(&at, end, &out->low) || at == end || *at++ != '-' ||
        !read_number(&at, end, &out->high) || out->high <= out->low || !skip_words(&at, end, 4))
        return false;
    out->name = at;
    out->length = (size_t)(end - at);
    bool vdso = out->length == 6 && memcmp(at, "[vdso]", 6) == 0;
    return (vdso || *at == '/') && out->length < sizeof((struct maps_file *)0)->name &&
           memchr(at, '\0', out->length) == NULL;
}

static bool next_mapping(const char **text, const char *end, struct mapping *out)
{
    while (*text < end) {
        const char *newline = memchr(*text, '\n', (size_t)(end - *text));
        const char *line = *text;
        const char *line_end = newline != NULL ? newline : end;
        *text = newline != NULL ? newline + 1 : end;
        if (read_line(line, line_end, out))
            return true;
    }
    return false;
}

bool maps_next(const char **text, const char *end, struct maps_file *out)
{
    struct mapping first;
    if (!next_mapping(text, end, &first))
        return false;
    out->low = first.low;
    out->high = first.high;
    memcpy(out->name, first.name, first.length);
    out->name[first.length] = '\0';
    for (;;) {
        const char *before = *text;
        struct mapping next;
        if (!next_mapping(text, end, &next))
            return true;
        if (next.length != first.length || memcmp(next.name, first.name, next.length) != 0 ||
            next.low < out->high) {
            *text = before;
            return true;
        }
        out->high = next.high;
    }
}
