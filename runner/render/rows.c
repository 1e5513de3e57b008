// SPDX-License-Identifier: MIT
// Bytes as rows on the screen, with carets below those that differ.
#include "render/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum {
    MOST_ROWS = 16, // of one block; below, which ones stay when there are more
    FIRST_ROWS = 7,
    LAST_ROWS = 3,
    NEAR_ROWS = 2, // on both sides of the difference
};

size_t exchange_indent(const struct screen *screen)
{
    return screen->width >= 40 ? 12 : 2;
}

void exchange_label(const struct screen *screen, const char *label)
{
    fputs("  ", screen->out);
    screen_print(screen, STYLE_STRONG, "%s", label);
    if (screen->width >= 40)
        fprintf(screen->out, "%*s", (int)(10 - strlen(label)), "");
    else
        fputs("\n  ", screen->out);
}

void print_row(const struct screen *screen, const char *label, const char *text)
{
    auto_free char *safe = visible(text);
    auto_free char *first = str_format("  %c%-9s%c ", MARK(STYLE_STRONG), label, MARK(STYLE_PLAIN));
    auto_str struct str rest = STR_INIT;
    blanks_append(&rest, exchange_indent(screen));
    print_wrapped(screen, first, str_text(&rest), safe);
}

static struct row *row_add(struct rows *rows)
{
    rows->items = mem_resize(rows->items, (rows->count + 1) * sizeof *rows->items);
    rows->items[rows->count] = (struct row){.offset = rows->end};
    return &rows->items[rows->count++];
}

void rows_add_gap(struct rows *rows, size_t count)
{
    struct row *row = row_add(rows);
    row->gap = true;
    row->count = count;
    rows->end += count;
}

void rows_add(struct rows *rows, const char *bytes, size_t length, size_t width)
{
    auto_str struct str escape = STR_INIT;
    for (size_t i = 0; i < length; i++) {
        str_clear(&escape);
        text_append_escaped(&escape, bytes + i, 1);
        struct row *row = rows->count > 0 ? &rows->items[rows->count - 1] : NULL;
        if (row == NULL || !row->open || row->text.length + escape.length > width)
            row = row_add(rows);
        str_append(&row->text, str_text(&escape));
        row->open = bytes[i] != '\n';
        row->count++;
        rows->end++;
    }
}

// A difference behind the last byte (something is missing) belongs to the last row.
static bool row_has(const struct rows *rows, const struct row *row,
                    const struct difference *difference)
{
    if (!difference->known || row->gap || difference->offset < row->offset)
        return false;
    size_t end = row->offset + row->count;
    return difference->offset < end ||
           (difference->offset == end && row == &rows->items[rows->count - 1]);
}

bool rows_have(const struct rows *rows, const struct difference *difference)
{
    for (size_t i = 0; i < rows->count; i++)
        if (row_has(rows, &rows->items[i], difference))
            return true;
    return false;
}

static size_t focus_row(const struct rows *rows, const struct difference *difference)
{
    for (size_t i = 0; i < rows->count; i++)
        if (row_has(rows, &rows->items[i], difference))
            return i;
    return SIZE_MAX;
}

static bool row_stays(const struct rows *rows, size_t i, size_t focus)
{
    if (rows->count <= MOST_ROWS || i < FIRST_ROWS || i + LAST_ROWS >= rows->count)
        return true;
    return focus != SIZE_MAX && i + NEAR_ROWS >= focus && i <= focus + NEAR_ROWS;
}

// Columns of the escape that begins here.
static size_t escape_width(const char *text)
{
    return text[0] != '\\' ? 1 : text[1] == 'x' ? 4 : 2;
}

// Behind the carets, or below them where there is no room. `column`: where they end.
static void print_words(const struct screen *screen, size_t column, const char *words)
{
    auto_free char *safe = visible(words);
    if (column + 1 + text_width(safe) <= (size_t)screen->width) {
        fprintf(screen->out, " %s\n", safe);
        return;
    }
    auto_free char *indent = str_format("%*s", (int)exchange_indent(screen), "");
    fputc('\n', screen->out);
    print_wrapped(screen, indent, indent, safe);
}

// What the carets point at, in words: "differs here: 12".
static void say_difference(const struct screen *screen, const struct row *row,
                           const struct difference *difference)
{
    const char *c = str_text(&row->text);
    size_t byte = row->offset;
    for (; byte < difference->offset && *c != '\0'; byte++)
        c += escape_width(c);
    const char *end = c;
    for (; byte < difference->offset + difference->length && *end != '\0'; byte++)
        end += escape_width(end);
    auto_free char *text =
        str_format("%s: %.*s", difference->words != NULL ? difference->words : "differs here",
                   (int)(end - c), c);
    auto_free char *indent = str_format("%*s", (int)exchange_indent(screen), "");
    screen_wrap(screen, indent, indent, end > c ? text : "it ends here");
}

static void print_carets(const struct screen *screen, const struct row *row,
                         const struct difference *difference)
{
    if (screen->plain) {
        say_difference(screen, row, difference);
        return;
    }
    const char *c = str_text(&row->text);
    size_t from = exchange_indent(screen);
    size_t byte = row->offset;
    for (; byte < difference->offset && *c != '\0'; byte++) {
        from += escape_width(c);
        c += escape_width(c);
    }
    size_t carets = 0;
    for (; byte < difference->offset + difference->length && *c != '\0'; byte++) {
        carets += escape_width(c);
        c += escape_width(c);
    }
    size_t last = (size_t)screen->width - 1;
    from = from > last ? last : from;
    fprintf(screen->out, "%*s", (int)from, "");
    auto_str struct str line = STR_INIT;
    for (size_t i = 0; i < (carets > 0 ? carets : 1); i++)
        str_append_char(&line, '^');
    screen_print(screen, STYLE_POINT, "%s", str_text(&line));
    if (difference->words != NULL)
        print_words(screen, from + line.length, difference->words);
    else
        fputc('\n', screen->out);
}

static void print_gap(const struct screen *screen, size_t count)
{
    auto_str struct str text = STR_INIT;
    str_append(&text, "… ");
    plural_append(&text, count, "byte");
    str_append(&text, " …");
    screen_print(screen, STYLE_DIM, "%s", str_text(&text));
    fputc('\n', screen->out);
}

// Bytes in the rows from i on that make room, and how many rows those are.
static size_t dropped_rows(const struct rows *rows, size_t i, size_t focus, size_t *out_bytes)
{
    size_t count = 0;
    *out_bytes = 0;
    for (; i < rows->count && !row_stays(rows, i, focus); i++, count++)
        *out_bytes += rows->items[i].count;
    return count;
}

void rows_print(const struct screen *screen, const char *label, const struct rows *rows,
                const struct difference *difference)
{
    size_t focus = focus_row(rows, difference);
    exchange_label(screen, label);
    for (size_t i = 0; i < rows->count; i++) {
        if (i > 0)
            fprintf(screen->out, "%*s", (int)exchange_indent(screen), "");
        size_t bytes = 0;
        size_t dropped = dropped_rows(rows, i, focus, &bytes);
        if (dropped > 1) {
            print_gap(screen, bytes);
            i += dropped - 1;
        } else if (rows->items[i].gap) {
            print_gap(screen, rows->items[i].count);
        } else {
            fprintf(screen->out, "%s\n", str_text(&rows->items[i].text));
        }
        if (i == focus)
            print_carets(screen, &rows->items[i], difference);
    }
    if (rows->count == 0)
        fputs("nothing\n", screen->out);
}

void rows_release(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        str_release(&rows->items[i].text);
    free(rows->items);
    *rows = (struct rows){0};
}
