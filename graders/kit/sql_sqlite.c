// SPDX-License-Identifier: MIT
/*
 * SQLite: a file of FILES_DIR, opened by the check beside the program. The file is the program's,
 * so nothing in it is trusted: no link is followed, no function or extension of a schema runs, and
 * no statement computes for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core.h"
#include "sql.h"

enum {
    STEPS = 100000,     // of SQLite's machine, between two looks
    LOOKS_MOST = 200,   // of one statement
    MOST_ROWS = 100000, // of one answer
    LONGEST = 16 << 20, // bytes of a value or a statement
};

struct sqlite {
    sqlite3 *handle;
    const struct sql_statement *statement;
    int looks;
};

// ---------------------------------------------------------------- codes

static const struct {
    int code;
    const char *name, *meaning;
} codes[] = {
    {SQLITE_ERROR, "SQLITE_ERROR", "the statement cannot be run"},
    {SQLITE_BUSY, "SQLITE_BUSY", "another connection holds a lock"},
    {SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT", "another connection has written since the read"},
    {SQLITE_BUSY_RECOVERY, "SQLITE_BUSY_RECOVERY", "another connection recovers the file"},
    {SQLITE_LOCKED, "SQLITE_LOCKED", "another statement holds a lock"},
    {SQLITE_READONLY, "SQLITE_READONLY", "the file cannot be written"},
    {SQLITE_INTERRUPT, "SQLITE_INTERRUPT", "the statement computes without end"},
    {SQLITE_IOERR, "SQLITE_IOERR", "the file cannot be read or written"},
    {SQLITE_CORRUPT, "SQLITE_CORRUPT", "the file is damaged"},
    {SQLITE_FULL, "SQLITE_FULL", "the disk is full"},
    {SQLITE_NOTADB, "SQLITE_NOTADB", "the file is no database"},
    {SQLITE_MISMATCH, "SQLITE_MISMATCH", "the value has another type than the key"},
    {SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT", "a constraint refuses it"},
    {SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK", "a CHECK constraint refuses it"},
    {SQLITE_CONSTRAINT_FOREIGNKEY, "SQLITE_CONSTRAINT_FOREIGNKEY",
     "a foreign key would point to no row"},
    {SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL", "a NOT NULL column has no value"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY", "the primary key is taken"},
    {SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE",
     "a value that must be unique is there already"},
    {SQLITE_CONSTRAINT_TRIGGER, "SQLITE_CONSTRAINT_TRIGGER", "a trigger refuses it"},
    {SQLITE_CONSTRAINT_DATATYPE, "SQLITE_CONSTRAINT_DATATYPE",
     "the value has another type than the column"},
};

static const char *name_of(int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == code)
            return codes[i].name;
    return code > 255 ? name_of(code & 255) : kit_format("SQLite code %d", code);
}

static const char *meaning_of(const char *name)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (str_equal(codes[i].name, name))
            return codes[i].meaning;
    return NULL;
}

static bool is_busy(const char *code)
{
    return str_equal(code, "SQLITE_BUSY") || str_equal(code, "SQLITE_BUSY_RECOVERY");
}

// Whatever is said of the file, its tables and its rows; a statement's syntax is the author's.
static bool is_programs_fault(const struct kit_sql_answer *answer)
{
    if (!str_equal(answer->code, "SQLITE_ERROR"))
        return true;
    static const char *const words[] = {
        "no such table",    "no such column", "has no column named",      "cannot modify",
        "no such function", "unsafe use of",  "malformed database schema"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(answer->message, words[i]) != NULL)
            return true;
    return false;
}

// ---------------------------------------------------------------- statements

static int is_enough(void *context)
{
    struct sqlite *own = context;
    return ++own->looks > LOOKS_MOST;
}

static void begin(struct kit_database *database, const struct sql_statement *statement)
{
    struct sqlite *own = database->own;
    own->statement = statement;
    own->looks = 0;
}

static const char *kept_value(sqlite3_stmt *prepared, int column)
{
    if (sqlite3_column_type(prepared, column) == SQLITE_NULL)
        return NULL;
    const char *text = (const char *)sqlite3_column_text(prepared, column);
    return text == NULL ? "" : kit_keep_bytes(text, strlen(text));
}

// Steps to the end. Returns SQLite's code; *out has the rows so far.
static int collect(sqlite3_stmt *prepared, struct kit_rows *out)
{
    size_t columns = (size_t)sqlite3_column_count(prepared), room = 0;
    const char **names = kit_keep((columns + 1) * sizeof *names);
    for (size_t i = 0; i < columns; i++) {
        const char *name = sqlite3_column_name(prepared, (int)i);
        names[i] = kit_keep_bytes(name, strlen(name));
    }
    const char **values = NULL;
    int code = SQLITE_ROW;
    size_t count = 0;
    while (count < MOST_ROWS && (code = sqlite3_step(prepared)) == SQLITE_ROW) {
        if (count == room) {
            room = room > 0 ? 2 * room : 16;
            const char **more = kit_keep(room * (columns + 1) * sizeof *more);
            if (count > 0)
                memcpy(more, values, count * columns * sizeof *more);
            values = more;
        }
        for (size_t i = 0; i < columns; i++)
            values[count * columns + i] = kept_value(prepared, (int)i);
        count++;
    }
    *out = (struct kit_rows){count, columns, names, values};
    return code;
}

static int run(struct sqlite *own, struct kit_rows *rows)
{
    sqlite3_stmt *prepared = NULL;
    const struct sql_statement *statement = own->statement;
    int code = sqlite3_prepare_v2(own->handle, statement->text, -1, &prepared, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < statement->count; i++)
        code =
            sqlite3_bind_text(prepared, (int)i + 1, statement->parameters[i], -1, SQLITE_TRANSIENT);
    if (code == SQLITE_OK)
        code = collect(prepared, rows);
    if (code != SQLITE_DONE)
        code = sqlite3_extended_errcode(own->handle);
    sqlite3_finalize(prepared);
    return code;
}

static bool go_on(struct kit_database *database, struct kit_sql_answer *out)
{
    struct sqlite *own = database->own;
    struct kit_rows *rows = kit_keep(sizeof *rows);
    int code = run(own, rows);
    *out = (struct kit_sql_answer){.rows = rows};
    if (code != SQLITE_DONE && code != SQLITE_OK && code != SQLITE_ROW) {
        out->code = name_of(code);
        out->message = kit_format("%s", sqlite3_errmsg(own->handle));
    }
    return true;
}

static int descriptor(const struct kit_database *database)
{
    (void)database;
    return -1;
}

static const struct sql_backend backend = {
    .begin = begin,
    .go_on = go_on,
    .descriptor = descriptor,
    .is_busy = is_busy,
    .meaning = meaning_of,
    .is_programs_fault = is_programs_fault,
};

// ---------------------------------------------------------------- opening

// The folder may have been moved or replaced meanwhile: it becomes this process's own folder by
// its descriptor, and SQLite follows no link from there.
static int open_file(const char *name, int flags, sqlite3 **out)
{
    auto_close int folder = kit_files_folder();
    auto_close int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || fchdir(folder) != 0)
        return SQLITE_CANTOPEN;
    int code = sqlite3_open_v2(name, out, flags | SQLITE_OPEN_NOFOLLOW, NULL);
    if (before >= 0 && fchdir(before) != 0)
        kit_break("the check's folder is gone: %s", strerror(errno));
    return code;
}

static void distrust(sqlite3 *handle)
{
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, LONGEST);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_extended_result_codes(handle, 1);
}

static struct kit_database *open_database(const char *name, int flags)
{
    struct kit_database *database = kit_keep(sizeof *database);
    struct sqlite *own = kit_keep(sizeof *own);
    *database = (struct kit_database){.backend = &backend, .own = own};
    int code = open_file(name, flags, &own->handle);
    if (code != SQLITE_OK)
        kit_fail_now(
            &(struct kit_failure){.message = kit_format("the check cannot open $FILES_DIR/%s: %s",
                                                        name, sqlite3_errstr(code))});
    distrust(own->handle);
    sqlite3_progress_handler(own->handle, STEPS, is_enough, own);
    return database;
}

struct kit_database *kit_sqlite(const char *name)
{
    kit_settle();
    if (!kit_file_exists(name))
        kit_fail_now(&(struct kit_failure){
            .message = kit_format("there is no database $FILES_DIR/%s", name)});
    return open_database(name, SQLITE_OPEN_READWRITE);
}

struct kit_database *kit_sqlite_new(const char *name)
{
    kit_settle();
    if (kit_file_exists(name))
        kit_break("there is a file \"%s\" already", name);
    return open_database(name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

void kit_sqlite_close(struct kit_database *database)
{
    kit_settle();
    struct sqlite *own = database->own;
    if (sqlite3_close(own->handle) != SQLITE_OK)
        kit_break("a database is closed in the middle of a statement");
    own->handle = NULL;
}
