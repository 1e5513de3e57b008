// SPDX-License-Identifier: MIT
// The attempts that were made in a workspace.
#include <stdlib.h>

#include "base/str.h"
#include "progress/store.h"

struct attempts_query {
    const char *workspace;
    struct progress_attempts *out;
};

static struct progress_attempt attempt_of(sqlite3_stmt *row, const char *hash_before)
{
    const char *hash = (const char *)sqlite3_column_text(row, 8);
    return (struct progress_attempt){
        .number = sqlite3_column_int64(row, 0),
        .at = sqlite3_column_int64(row, 1),
        .built = sqlite3_column_int(row, 2) != 0,
        .points = sqlite3_column_int(row, 3),
        .max_points = sqlite3_column_int(row, 4),
        .failed = (size_t)sqlite3_column_int64(row, 5),
        .complete = sqlite3_column_int(row, 6) != 0,
        .kept = sqlite3_column_int(row, 7) != 0,
        .same = hash != NULL && hash_before != NULL && str_equal(hash, hash_before),
    };
}

static bool read_attempts(struct progress *progress, void *context, struct err *err)
{
    struct attempts_query *query = context;
    struct progress_attempts *out = query->out;
    *out = (struct progress_attempts){0};
    auto_statement sqlite3_stmt *statement = store_query(
        progress, err,
        "SELECT number, at, built, coalesce(points, 0), coalesce(max_points, 0), "
        "coalesce(failed, 0), complete, EXISTS (SELECT 1 FROM source WHERE source.attempt = "
        "attempt.id), sources_hash FROM attempt WHERE workspace = ? ORDER BY number",
        WITH(value_text(query->workspace)));
    auto_free char *before = NULL;
    int row = -1;
    while (statement != NULL && (row = store_next(progress, statement, err)) == 1) {
        out->items = mem_resize(out->items, (out->count + 1) * sizeof *out->items);
        out->items[out->count++] = attempt_of(statement, before);
        free(before);
        before = store_text(statement, 8);
    }
    if (row < 0)
        progress_attempts_release(out);
    return row == 0;
}

bool progress_attempts(struct progress *progress, const char *workspace,
                       struct progress_attempts *out, struct err *err)
{
    *out = (struct progress_attempts){0};
    struct attempts_query query = {workspace, out};
    return store_transaction(progress, false, read_attempts, &query, err);
}

void progress_attempts_release(struct progress_attempts *attempts)
{
    free(attempts->items);
    *attempts = (struct progress_attempts){0};
}
