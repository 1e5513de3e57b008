// SPDX-License-Identifier: MIT
/*
 * The headings of a CommonMark text as cmark finds them: none inside code, quotes or lists. Text
 * between them is cut from the source by lines.
 */
#ifndef LAB_HEADINGS_H
#define LAB_HEADINGS_H

#include <stddef.h>

struct heading {
    int level; // 1 to 6
    char *text;
    size_t line; // its first line, from 1
    size_t body; // the line behind its last one
};

struct headings {
    struct heading *items;
    size_t count;
    const char *source; // borrowed
    size_t *lines;      // lines[i]: offset of line i + 1; one more for the end
    size_t line_count;
};

// The source must outlive the result. NULs in it are the caller's to refuse.
void headings_find(const char *source, size_t length, struct headings *out);
void headings_release(struct headings *headings);
// The text from line `first` up to, not including, line `end`, without blank lines around it; the
// caller frees it.
char *headings_cut(const struct headings *headings, size_t first, size_t end);

#endif
