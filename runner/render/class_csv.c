// SPDX-License-Identifier: MIT
/*
 * grades.csv, as learning platforms take it (RFC 4180): a row a submission. A spreadsheet takes a
 * cell that begins with = + - @ for a formula, and runs it: such a cell gets a quotation mark in
 * front, which spreadsheets do not show.
 */
#include "render/class.h"

#include <stdlib.h>
#include <string.h>

static void add_cell(struct str *out, const char *text)
{
    // Blanks are passed by on the way to a formula.
    const char *first = text + strspn(text, " ");
    bool formula = *first != '\0' && strchr("=+-@\t\r\n", *first) != NULL;
    if (!formula && strpbrk(text, ",;\"\r\n\t") == NULL) {
        str_append(out, text);
        return;
    }
    str_append(out, formula ? "\"'" : "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"')
            str_append_char(out, '"');
        str_append_char(out, *text);
    }
    str_append_char(out, '"');
}

// To the second, which is what they parse.
static void add_time(struct str *out, const char *submitted)
{
    size_t whole = submitted != NULL ? strcspn(submitted, ".Z") : 0;
    if (whole > 0)
        str_append_format(out, "%.*sZ", (int)whole, submitted);
}

char *render_class_csv(const struct class_view *view)
{
    struct str out = STR_INIT;
    str_append(&out, "assignment,timestamp,student_id,raw_score,score,max_score\r\n");
    for (size_t i = 0; i < view->count; i++) {
        const struct class_row *row = &view->rows[i];
        add_cell(&out, view->lab->id);
        str_append_char(&out, ',');
        add_time(&out, row->submitted);
        str_append_char(&out, ',');
        add_cell(&out, row->name);
        // Without a verdict there is no score: a zero would be somebody's loss.
        if (row->status == CLASS_GRADED || row->status == CLASS_REFUSED)
            str_append_format(&out, ",%d,%d", row->points, row->points);
        else
            str_append(&out, ",,");
        str_append_format(&out, ",%d\r\n", view->max_points);
    }
    return str_take(&out);
}
