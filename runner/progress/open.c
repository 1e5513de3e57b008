// SPDX-License-Identifier: MIT
/*
 * Opening the progress file: its folder, its tables, its soundness.
 *
 * SQLite removes the write-ahead log when the last one closes the file. A log that is still there
 * means that somebody has it open or was killed: then, and only then, the whole file is looked
 * through. A damaged file is renamed with its log; two processes that see the damage at once take
 * turns on a lock of the folder, and the second finds a sound file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "progress/store.h"

enum { SCHEMA = 1, BUSY_MS = 5000 };

static const char *const tables =
    "CREATE TABLE lab ("
    "  id TEXT PRIMARY KEY,"
    "  workspace TEXT,"
    "  gave_up INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    "CREATE TABLE hint ("
    "  lab TEXT NOT NULL, step TEXT NOT NULL, shown INTEGER NOT NULL,"
    "  PRIMARY KEY (lab, step)) WITHOUT ROWID;"
    "CREATE TABLE attempt ("
    "  id INTEGER PRIMARY KEY,"
    "  workspace TEXT NOT NULL,"
    "  number INTEGER NOT NULL," // 1, 2, … in its workspace
    "  lab TEXT NOT NULL,"
    "  lab_version TEXT, program_version TEXT, sandbox TEXT,"
    "  seed TEXT NOT NULL,"  // 64 bits without a sign, as digits
    "  at INTEGER NOT NULL," // seconds since 1970
    "  seconds REAL, built INTEGER NOT NULL,"
    "  points INTEGER, max_points INTEGER,"
    "  passed INTEGER, failed INTEGER, broken INTEGER,"
    "  exit_status INTEGER NOT NULL,"
    "  complete INTEGER NOT NULL," // every step of the lab passed
    "  sources_hash TEXT,"
    "  UNIQUE (workspace, number));"
    "CREATE INDEX attempt_by_lab ON attempt (lab, complete);"
    "CREATE TABLE step ("
    "  attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,"
    "  position INTEGER NOT NULL, lab TEXT NOT NULL, id TEXT NOT NULL,"
    "  status TEXT NOT NULL, points INTEGER, max_points INTEGER,"
    "  PRIMARY KEY (attempt, position)) WITHOUT ROWID;"
    "CREATE INDEX step_by_id ON step (lab, id, status, attempt);"
    "CREATE TABLE check_result ("
    "  attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,"
    "  position INTEGER NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL,"
    "  outcome TEXT, message TEXT, seconds REAL,"
    "  PRIMARY KEY (attempt, position)) WITHOUT ROWID;"
    "CREATE TABLE content ("
    "  id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, data BLOB NOT NULL);"
    "CREATE INDEX content_by_hash ON content (hash);"
    "CREATE TABLE source ("
    "  attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,"
    "  name TEXT NOT NULL,"
    "  content INTEGER NOT NULL REFERENCES content (id),"
    "  PRIMARY KEY (attempt, name)) WITHOUT ROWID;";

// ---- the tables

static bool read_version(struct progress *progress, long long *out, struct err *err)
{
    auto_statement sqlite3_stmt *statement =
        store_query(progress, err, "PRAGMA user_version", NULL);
    if (statement == NULL || store_next(progress, statement, err) != 1)
        return false;
    *out = sqlite3_column_int64(statement, 0);
    return true;
}

static bool create_tables(struct progress *progress, struct err *err)
{
    if (!store_execute(progress, "BEGIN IMMEDIATE", err))
        return false;
    long long version = 0; // somebody else may have been first
    bool done = read_version(progress, &version, err) &&
                (version >= SCHEMA || (store_execute(progress, tables, err) &&
                                       store_execute(progress, "PRAGMA user_version = 1", err)));
    if (done && store_execute(progress, "COMMIT", err))
        return true;
    sqlite3_exec(progress->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

static bool check_version(struct progress *progress, struct err *err)
{
    long long version = 0;
    if (!read_version(progress, &version, err))
        return false;
    if (version < SCHEMA)
        return create_tables(progress, err);
    if (version == SCHEMA)
        return true;
    err_set(err, ERR_ENV, "%s: written by a newer lab (its version is %lld, this lab knows %d)",
            progress->path, version, SCHEMA);
    err_set_cure(err, "use the newer lab, or set XDG_DATA_HOME to another folder");
    return false;
}

// ---- soundness

static bool has_bytes(const char *path, const char *suffix)
{
    auto_free char *name = str_format("%s%s", path, suffix);
    struct stat status;
    return stat(name, &status) == 0 && status.st_size > 0;
}

static bool is_sound(struct progress *progress, struct err *err)
{
    auto_statement sqlite3_stmt *statement =
        store_query(progress, err, "PRAGMA quick_check(1)", NULL);
    if (statement == NULL || store_next(progress, statement, err) != 1)
        return false;
    if (str_equal((const char *)sqlite3_column_text(statement, 0), "ok"))
        return true;
    progress->damaged = true;
    err_set(err, ERR_ENV, "%s: damaged", progress->path);
    return false;
}

// ---- opening

static void close_file(struct progress *progress)
{
    sqlite3_close(progress->db);
    progress->db = NULL;
}

static bool set_up(struct progress *progress, bool unclean, struct err *err)
{
    sqlite3_busy_timeout(progress->db, BUSY_MS);
    if (!store_execute(progress,
                       "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;"
                       "PRAGMA trusted_schema = OFF",
                       err) ||
        (unclean && !is_sound(progress, err)))
        return false;
    // Not where the file system has no shared memory, nor while another one changes the mode: the
    // mode that is in force does as well.
    sqlite3_exec(progress->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    return check_version(progress, err);
}

// Makes the file before SQLite does, which would let others read it.
static bool create_private(struct progress *progress, struct err *err)
{
    auto_close int file = open(progress->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    struct stat status;
    if (file >= 0 && fstat(file, &status) == 0) {
        if (!S_ISREG(status.st_mode)) {
            err_set(err, ERR_ENV, "%s: not a regular file", progress->path);
            err_set_cure(err, "move it away");
            return false;
        }
        if ((status.st_mode & 077) != 0)
            fchmod(file, 0600);
        return true;
    }
    err_set(err, ERR_ENV, "%s: %s", progress->path, strerror(errno));
    err_set_cure(err, errno == EISDIR
                          ? "move it away"
                          : "make it writable for you, or set XDG_DATA_HOME to a folder where you "
                            "may write");
    return false;
}

bool store_open(struct progress *progress, struct err *err)
{
    progress->damaged = false;
    if (!create_private(progress, err))
        return false;
    bool unclean = has_bytes(progress->path, "-wal") || has_bytes(progress->path, "-journal");
    int result = sqlite3_open_v2(progress->path, &progress->db, SQLITE_OPEN_READWRITE, NULL);
    if (result != SQLITE_OK)
        store_fail(progress, err);
    if (result == SQLITE_OK && set_up(progress, unclean, err))
        return true;
    close_file(progress);
    return false;
}

// Nothing can be written there: what was written before can still be read, unless some of it is
// in the log, which cannot be read without writing beside it.
static bool open_to_read(struct progress *progress)
{
    if (!has_bytes(progress->path, "") || has_bytes(progress->path, "-wal"))
        return false;
    auto_str struct str uri = STR_INIT;
    str_append(&uri, "file:");
    for (const char *c = progress->path; *c != '\0'; c++)
        str_append_format(&uri, strchr("%?#", *c) != NULL ? "%%%02x" : "%c", (unsigned char)*c);
    str_append(&uri, "?immutable=1");
    int result = sqlite3_open_v2(str_text(&uri), &progress->db,
                                 SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    long long version = 0;
    struct err ignored = ERR_INIT;
    bool opened =
        result == SQLITE_OK && read_version(progress, &version, &ignored) && version == SCHEMA;
    err_release(&ignored);
    if (!opened)
        close_file(progress);
    return opened;
}

// ---- damage

// A name that nothing has yet: progress.db.damaged-2024-05-31, …-31-2
static char *free_name(const char *path)
{
    time_t now = time(NULL);
    struct tm day;
    char date[32] = "unknown";
    if (localtime_r(&now, &day) != NULL)
        strftime(date, sizeof date, "%Y-%m-%d", &day);
    char *name = str_format("%s.damaged-%s", path, date);
    for (int number = 2; path_exists(name); number++) {
        free(name);
        name = str_format("%s.damaged-%s-%d", path, date, number);
    }
    return name;
}

static bool set_aside(struct progress *progress, struct err *err)
{
    auto_free char *name = free_name(progress->path);
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        auto_free char *from = str_format("%s%s", progress->path, suffixes[i]);
        auto_free char *to = str_format("%s%s", name, suffixes[i]);
        if (rename(from, to) < 0 && errno != ENOENT) {
            err_set(err, ERR_ENV, "%s: damaged, and cannot be renamed: %s", from, strerror(errno));
            err_set_cure(err, "move it away, or set XDG_DATA_HOME to another folder");
            return false;
        }
    }
    free(progress->note);
    progress->note = str_format("%s was damaged; it is kept as %s, and a new one begins",
                                progress->path, path_base(name));
    return true;
}

bool store_renew(struct progress *progress, struct err *err)
{
    close_file(progress);
    auto_close int folder = open(progress->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (folder >= 0 && flock(folder, LOCK_EX) < 0 && errno == EINTR)
        continue;
    // What was seen to be damaged once is looked through, log or no log: another one may have set
    // it aside meanwhile.
    struct err seen = ERR_INIT;
    bool sound = store_open(progress, &seen) && is_sound(progress, &seen);
    bool damaged = progress->damaged;
    if (!sound && damaged) {
        close_file(progress);
        err_release(&seen);
        return set_aside(progress, err) && store_open(progress, err);
    }
    if (!sound)
        err_move(err, &seen);
    return sound;
}

// ---- public

static bool make_folder(struct progress *progress, struct err *err)
{
    if (!folder_make_all(progress->folder, 0700, err)) {
        err_set_cure(err, "make it a folder where you may write, or set XDG_DATA_HOME to one");
        return false;
    }
    struct stat status;
    if (stat(progress->folder, &status) == 0 && (status.st_mode & 077) != 0)
        chmod(progress->folder, 0700);
    return true;
}

static bool open_or_renew(struct progress *progress, struct err *err)
{
    if (store_open(progress, err))
        return true;
    if (progress->damaged) {
        err_release(err);
        return store_renew(progress, err);
    }
    return false;
}

struct progress *progress_open(char **out_note, struct err *err)
{
    struct progress *progress = mem_alloc(sizeof *progress);
    progress->folder = path_xdg("DATA");
    progress->path = path_join(progress->folder, "progress.db");
    struct err failure = ERR_INIT;
    bool opened = make_folder(progress, &failure) && open_or_renew(progress, &failure);
    if (!opened && !progress->damaged && open_to_read(progress)) {
        err_move(&progress->blocked, &failure);
        opened = true;
    }
    *out_note = progress_take_note(progress);
    if (opened)
        return progress;
    err_move(err, &failure);
    progress_close(progress);
    return NULL;
}

void progress_close(struct progress *progress)
{
    if (progress == NULL)
        return;
    close_file(progress);
    err_release(&progress->blocked);
    free(progress->folder);
    free(progress->path);
    free(progress->note);
    free(progress);
}

char *progress_take_note(struct progress *progress)
{
    return take(progress->note);
}

// The version's page is written to the log, and with it the log's and the index's first bytes.
static bool rewrite_version(struct progress *progress, void *context, struct err *err)
{
    (void)context;
    return store_execute(progress, "PRAGMA user_version = 1", err);
}

bool progress_try_write(struct progress *progress, struct err *err)
{
    return store_transaction(progress, true, rewrite_version, NULL, err);
}
