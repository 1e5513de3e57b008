// SPDX-License-Identifier: MIT
/*
 * The SQLite file behind progress: statements, transactions, errors. Only for runner/progress.
 */
#ifndef LAB_PROGRESS_STORE_H
#define LAB_PROGRESS_STORE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/err.h"
#include "progress/progress.h"

struct progress {
    sqlite3 *db;
    char *folder;
    char *path;
    char *note;         // a damaged file was set aside
    bool damaged;       // the last error was damage
    struct err blocked; // why nothing can be written, or none
};

// ---- statements. `types` has a letter for each value: t text (NULL allowed), i long long, d
// double, b bytes (pointer and size_t).
sqlite3_stmt *store_query(struct progress *progress, struct err *err, const char *sql,
                          const char *types, ...);
bool store_do(struct progress *progress, struct err *err, const char *sql, const char *types, ...);
// 1 with a row, 0 at the end, -1 with err.
int store_next(struct progress *progress, sqlite3_stmt *statement, struct err *err);
// A column's text; the caller frees it. NULL stays NULL.
char *store_text(sqlite3_stmt *statement, int column);
void store_finalize(sqlite3_stmt **statement);
#define auto_statement __attribute__((cleanup(store_finalize)))

// Sets err from what SQLite said last, with path and cure.
void store_fail(struct progress *progress, struct err *err);
bool store_execute(struct progress *progress, const char *sql, struct err *err);

// Runs body in one transaction: all of it or nothing. A file that turns out to be damaged is set
// aside and body runs once more, in a new one; so body releases what it made when it fails.
bool store_transaction(struct progress *progress, bool writes,
                       bool (*body)(struct progress *progress, void *context, struct err *err),
                       void *context, struct err *err);

// ---- open.c
// Opens progress->path, creates the tables, sees whether it is whole.
bool store_open(struct progress *progress, struct err *err);
// Sets the damaged file aside, unless somebody else did, and opens a new one.
bool store_renew(struct progress *progress, struct err *err);

#endif
