// SPDX-License-Identifier: MIT
/*
 * Sources of old attempts make room: whoever checks at each save makes a hundred attempts a day.
 * What is kept says progress.h.
 */
#include "progress/store.h"

// Attempts of the workspace with sources that may go, the oldest first: neither the latest ones nor
// the first of the best.
#define MAY_GO                                                                                     \
    "SELECT id FROM attempt WHERE workspace = ?1 AND number <= ?2 AND id <> (SELECT id FROM "      \
    "attempt WHERE workspace = ?1 ORDER BY points DESC, number LIMIT 1) AND EXISTS (SELECT 1 "     \
    "FROM source WHERE source.attempt = attempt.id) ORDER BY number"

static bool drop_unused(struct progress *progress, struct err *err)
{
    return store_do(progress, err,
                    "DELETE FROM content WHERE id NOT IN (SELECT content FROM source)", NULL);
}

static bool count_bytes(struct progress *progress, const char *workspace, long long *out,
                        struct err *err)
{
    auto_statement sqlite3_stmt *statement =
        store_query(progress, err,
                    "SELECT coalesce(sum(length(data)), 0) FROM content WHERE id IN (SELECT "
                    "content FROM source JOIN attempt ON attempt.id = source.attempt WHERE "
                    "attempt.workspace = ?)",
                    WITH(value_text(workspace)));
    if (statement == NULL || store_next(progress, statement, err) != 1)
        return false;
    *out = sqlite3_column_int64(statement, 0);
    return true;
}

// Drops what may go up to attempt `last`: all of it, or the oldest alone.
static bool drop(struct progress *progress, const char *workspace, long long last, bool all,
                 struct err *err)
{
    const char *sql = all ? "DELETE FROM source WHERE attempt IN (" MAY_GO ")"
                          : "DELETE FROM source WHERE attempt IN (" MAY_GO " LIMIT 1)";
    return store_do(progress, err, sql, WITH(value_text(workspace), value_integer(last)));
}

bool store_prune(struct progress *progress, const char *workspace, long long latest,
                 struct err *err)
{
    if (latest > PROGRESS_KEPT_ATTEMPTS) {
        if (!drop(progress, workspace, latest - PROGRESS_KEPT_ATTEMPTS, true, err))
            return false;
        if (sqlite3_changes(progress->db) > 0 && !drop_unused(progress, err))
            return false;
    }
    long long bytes = 0;
    while (count_bytes(progress, workspace, &bytes, err)) {
        if (bytes <= PROGRESS_KEPT_BYTES)
            return true;
        if (!drop(progress, workspace, latest - 1, false, err))
            return false;
        if (sqlite3_changes(progress->db) == 0)
            return true; // the latest and the best alone are as much
        if (!drop_unused(progress, err))
            return false;
    }
    return false;
}
