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

// ---- statements: store_do(progress, err, "… VALUES (?, ?)", WITH(value_text(a),
// value_integer(1)))
struct store_value {
    enum { VALUES_END, VALUE_TEXT, VALUE_INTEGER, VALUE_REAL, VALUE_BYTES } type;
    const char *text; // or bytes
    size_t length;
    long long integer;
    double real;
};
#define WITH(...) ((const struct store_value[]){__VA_ARGS__, {.type = VALUES_END}})

static inline struct store_value value_text(const char *text) // NULL is NULL
{
    return (struct store_value){.type = VALUE_TEXT, .text = text};
}

static inline struct store_value value_integer(long long integer)
{
    return (struct store_value){.type = VALUE_INTEGER, .integer = integer};
}

static inline struct store_value value_count(size_t count)
{
    return value_integer((long long)count);
}

static inline struct store_value value_real(double real)
{
    return (struct store_value){.type = VALUE_REAL, .real = real};
}

static inline struct store_value value_bytes(const char *bytes, size_t length)
{
    return (struct store_value){.type = VALUE_BYTES, .text = bytes, .length = length};
}

// values may be NULL. The statement must be gone before what it was given.
sqlite3_stmt *store_query(struct progress *progress, struct err *err, const char *sql,
                          const struct store_value *values);
bool store_do(struct progress *progress, struct err *err, const char *sql,
              const struct store_value *values);
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

// ---- prune.c
// Drops the sources of old attempts of a workspace whose latest one has this number.
bool store_prune(struct progress *progress, const char *workspace, long long latest,
                 struct err *err);

// ---- open.c
// Opens progress->path, creates the tables, sees whether it is whole.
bool store_open(struct progress *progress, struct err *err);
// Sets the damaged file aside, unless somebody else did, and opens a new one.
bool store_renew(struct progress *progress, struct err *err);

#endif
