// SPDX-License-Identifier: MIT
// What a ladder tells in one line instead of many.
#ifndef LAB_RENDER_LADDER_FOLD_H
#define LAB_RENDER_LADDER_FOLD_H

#include "render/ladder_rows.h"

// Which clients get a column: all, or those on which something is wrong and the first. Returns how
// many; out_chosen has room for `most`.
size_t ladder_choose(const struct check_result *check, const struct trace_record *record,
                     size_t most, int *out_chosen);
// Sums up what happened with clients without a column, run by run.
void ladder_hide(struct ladder_rows *rows, const int *chosen, size_t count);
// Sums up what repeats itself.
void ladder_fold(struct ladder_rows *rows);
// Says where much time passed between two rows.
void ladder_show_gaps(struct ladder_rows *rows);

// ladder_rows.c: releases some rows and closes the gap.
void ladder_rows_drop(struct ladder_rows *rows, size_t from, size_t count);
// Puts a row, which the rows own from now on, in front of items[at].
void ladder_rows_insert(struct ladder_rows *rows, size_t at, struct ladder_row row);

#endif
