// SPDX-License-Identifier: MIT
// Rows of a database as a small table: columns of even width, names on top, never wider than what
// a report has room for.
#include "sql.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MARK_WIDTH = 2, GAP_WIDTH = 3, LEAST_WIDTH = 4 };

static const char *value_of(const struct kit_rows *rows, size_t row, size_t column)
{
    const char *value = rows->values[row * rows->columns + column];
    return value != NULL ? value : "NULL";
}

const char *sql_row_text(const struct kit_rows *rows, size_t row)
{
    auto_str struct str text = STR_INIT;
    for (size_t column = 0; column < rows->columns; column++)
        str_append_format(&text, "%s%s", column > 0 ? " | " : "", value_of(rows, row, column));
    return kit_keep_bytes(str_text(&text), text.length);
}

// Every column as wide as its widest value; then the widest gives way until all fit.
static size_t *widths_of(const struct kit_rows *rows, size_t first, size_t last)
{
    size_t *widths = mem_alloc_array(rows->columns + 1, sizeof *widths);
    size_t total = MARK_WIDTH;
    for (size_t column = 0; column < rows->columns; column++) {
        widths[column] = strlen(rows->names[column]);
        for (size_t row = first; row < last; row++) {
            auto_free char *shown =
                text_escape(value_of(rows, row, column), strlen(value_of(rows, row, column)));
            if (strlen(shown) > widths[column])
                widths[column] = strlen(shown);
        }
        total += widths[column] + (column > 0 ? GAP_WIDTH : 0);
    }
    while (total > SQL_TABLE_WIDTH) {
        size_t widest = 0;
        for (size_t column = 1; column < rows->columns; column++)
            if (widths[column] > widths[widest])
                widest = column;
        if (widths[widest] <= LEAST_WIDTH)
            break;
        widths[widest]--;
        total--;
    }
    return widths;
}

static void append_cell(struct str *line, const char *value, size_t width, bool is_last)
{
    auto_free char *shown = text_escape(value, strlen(value));
    size_t length = strlen(shown);
    if (length > width)
        str_append_format(line, "%.*s..", (int)(width - 2), shown);
    else
        str_append_format(line, "%-*s", is_last ? 0 : (int)width, shown);
}

void sql_table(const struct kit_rows *rows, const bool *differs, struct strings *out)
{
    size_t first = 0;
    while (first < rows->count && !differs[first])
        first++;
    // Two rows before the first that differs.
    first = first < rows->count && first > 2 && rows->count > SQL_TABLE_ROWS ? first - 2 : 0;
    size_t last = rows->count - first > SQL_TABLE_ROWS ? first + SQL_TABLE_ROWS : rows->count;
    size_t *widths = widths_of(rows, first, last);
    auto_str struct str line = STR_INIT;
    str_append(&line, "  ");
    for (size_t column = 0; column < rows->columns; column++) {
        str_append(&line, column > 0 ? " | " : "");
        append_cell(&line, rows->names[column], widths[column], column + 1 == rows->columns);
    }
    strings_add(out, str_text(&line));
    for (size_t row = first; row < last; row++) {
        str_clear(&line);
        str_append(&line, differs[row] ? "> " : "  ");
        for (size_t column = 0; column < rows->columns; column++) {
            str_append(&line, column > 0 ? " | " : "");
            append_cell(&line, value_of(rows, row, column), widths[column],
                        column + 1 == rows->columns);
        }
        strings_add(out, str_text(&line));
    }
    if (last - first < rows->count)
        strings_add_format(out, "  (%zu of %zu rows)", last - first, rows->count);
    else if (rows->count == 0)
        strings_add(out, "  (no rows)");
    free(widths);
}
