// SPDX-License-Identifier: MIT
/*
 * Bytes as rows: cut into rows that fit the screen, escapes visible, one row a line of protocol.
 * A row knows which bytes it holds, so that a difference is found by its offset.
 */
#ifndef LAB_RENDER_ROWS_H
#define LAB_RENDER_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "render/render.h"

struct row {
    size_t offset; // of its first byte
    size_t count;  // bytes in it; of a gap: how many are not shown
    bool gap;
    bool open; // its line has no end yet
    struct str text;
};

struct rows {
    struct row *items;
    size_t count;
    size_t end; // offset behind the last byte
};

struct difference {
    bool known;
    size_t offset;
    size_t length;     // bytes that differ, at least 1
    const char *words; // behind the carets, or NULL
};

// Appends bytes that follow the last ones; rows are at most `width` columns.
void rows_add(struct rows *rows, const char *bytes, size_t length, size_t width);
// Says that `count` bytes are missing here.
void rows_add_gap(struct rows *rows, size_t count);
bool rows_have(const struct rows *rows, const struct difference *difference);
// Prints them behind a label, with carets below the difference; rows far from it make room when
// there are too many.
void rows_print(const struct screen *screen, const char *label, const struct rows *rows,
                const struct difference *difference);
void rows_release(struct rows *rows);

#endif
