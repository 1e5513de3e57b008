// SPDX-License-Identifier: MIT
// Statements, transactions and errors of the SQLite file.
#include "progress/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static int bind_value(sqlite3_stmt *statement, int position, const struct store_value *value)
{
    switch (value->type) {
    case VALUE_TEXT:
        return sqlite3_bind_text(statement, position, value->text, -1, SQLITE_TRANSIENT);
    case VALUE_INTEGER:
        return sqlite3_bind_int64(statement, position, value->integer);
    case VALUE_REAL:
        return sqlite3_bind_double(statement, position, value->real);
    case VALUE_BYTES:
        // A NULL pointer would make it NULL, not empty.
        return sqlite3_bind_blob64(statement, position, value->length > 0 ? value->text : "",
                                   value->length, SQLITE_STATIC);
    case VALUES_END:
        break;
    }
    return SQLITE_OK;
}

sqlite3_stmt *store_query(struct progress *progress, struct err *err, const char *sql,
                          const struct store_value *values)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(progress->db, sql, -1, &statement, NULL);
    for (int i = 0; result == SQLITE_OK && values != NULL && values[i].type != VALUES_END; i++)
        result = bind_value(statement, i + 1, &values[i]);
    if (result == SQLITE_OK)
        return statement;
    store_fail(progress, err);
    sqlite3_finalize(statement);
    return NULL;
}

bool store_do(struct progress *progress, struct err *err, const char *sql,
              const struct store_value *values)
{
    auto_statement sqlite3_stmt *statement = store_query(progress, err, sql, values);
    return statement != NULL && store_next(progress, statement, err) == 0;
}

int store_next(struct progress *progress, sqlite3_stmt *statement, struct err *err)
{
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        return 1;
    if (result == SQLITE_DONE)
        return 0;
    store_fail(progress, err);
    return -1;
}

char *store_text(sqlite3_stmt *statement, int column)
{
    return mem_copy_string((const char *)sqlite3_column_text(statement, column));
}

void store_finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

bool store_execute(struct progress *progress, const char *sql, struct err *err)
{
    if (sqlite3_exec(progress->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    store_fail(progress, err);
    return false;
}

static bool is_full(int code, int reason)
{
    return code == SQLITE_FULL || reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

static bool is_forbidden(int code, int reason)
{
    return code == SQLITE_READONLY || code == SQLITE_PERM || reason == EROFS || reason == EACCES ||
           reason == EPERM;
}

void store_fail(struct progress *progress, struct err *err)
{
    int code = sqlite3_errcode(progress->db) & 0xff;
    bool failed_in_system = code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
    int reason = failed_in_system ? sqlite3_system_errno(progress->db) : 0;
    progress->damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    if (is_full(code, reason)) {
        err_set(err, ERR_ENV, "%s: no space left on its disk", progress->path);
        err_set_cure(err,
                     "free some space there (df -h '%s'), or set XDG_DATA_HOME to a folder "
                     "that has room",
                     progress->folder);
    } else if (is_forbidden(code, reason)) {
        err_set(err, ERR_ENV, "%s: read-only", progress->path);
        err_set_cure(err,
                     "give yourself the right to write in '%s', or set XDG_DATA_HOME to a "
                     "folder where you may",
                     progress->folder);
    } else if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        err_set(err, ERR_ENV, "%s: another lab has been writing to it for 5 s", progress->path);
        err_set_cure(err, "end the other lab (fuser '%s' names it), then try again",
                     progress->path);
    } else {
        err_set(err, ERR_ENV, "%s: %s%s%s", progress->path, sqlite3_errmsg(progress->db),
                reason != 0 ? ": " : "", reason != 0 ? strerror(reason) : "");
        err_set_cure(err,
                     "look at its disk and its folder (ls -la '%s'), or set XDG_DATA_HOME to "
                     "another folder",
                     progress->folder);
    }
}

static bool run_once(struct progress *progress, bool writes,
                     bool (*body)(struct progress *progress, void *context, struct err *err),
                     void *context, struct err *err)
{
    // A writer takes its turn at the beginning: a reader that becomes one may have to be refused.
    if (!store_execute(progress, writes ? "BEGIN IMMEDIATE" : "BEGIN", err))
        return false;
    if (body(progress, context, err) && store_execute(progress, "COMMIT", err))
        return true;
    sqlite3_exec(progress->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

static void copy_error(struct err *to, const struct err *from)
{
    err_set(to, from->kind, "%s", from->message);
    if (from->cure != NULL)
        err_set_cure(to, "%s", from->cure);
}

bool store_transaction(struct progress *progress, bool writes,
                       bool (*body)(struct progress *progress, void *context, struct err *err),
                       void *context, struct err *err)
{
    for (int round = 0;; round++) {
        if (writes && progress->blocked.kind != ERR_NONE) {
            copy_error(err, &progress->blocked);
            return false;
        }
        struct err failure = ERR_INIT;
        progress->damaged = false;
        if (run_once(progress, writes, body, context, &failure))
            return true;
        bool again = progress->damaged && round == 0 && progress->blocked.kind == ERR_NONE &&
                     store_renew(progress, &failure);
        if (!again) {
            err_move(err, &failure);
            return false;
        }
        err_release(&failure);
    }
}
