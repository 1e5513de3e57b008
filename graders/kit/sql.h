// SPDX-License-Identifier: MIT
/*
 * What the files about databases share.
 *
 *   sql.c         statements of the check's own: they wait as everything waits, by events
 *   sql_expect.c  expectations about rows, and how a failure is told
 *   sql_table.c   rows as a small table
 *   sql_watch.c   the statements that the program sends
 *   sql_log.c     the same from the log of a service
 *   sql_sqlite.c, sql_postgres.c  what a kind of database can do
 *   sql_states.c  SQLSTATEs in words
 */
#ifndef KIT_SQL_H
#define KIT_SQL_H

#include "internal.h"

struct sql_statement {
    const char *text;
    const char *const *parameters; // NULL among them: SQL NULL
    size_t count;
};

// What a kind of database can do. Nothing here waits.
struct sql_backend {
    // Begins a statement. Its strings live until the check ends.
    void (*begin)(struct kit_database *database, const struct sql_statement *statement);
    // Goes on with it. True: it is done, and *out says how.
    bool (*go_on)(struct kit_database *database, struct kit_sql_answer *out);
    // What becomes readable when it can go on; -1: it is asked again and again.
    int (*descriptor)(const struct kit_database *database);
    // This code says that somebody else holds a lock, and nothing waits for it.
    bool (*is_busy)(const char *code);
    // The code in words: "a value that must be unique is there already"; NULL: not known.
    const char *(*meaning)(const char *code);
    // What the program put into the database explains this error: a table that is missing.
    bool (*is_programs_fault)(const struct kit_sql_answer *answer);
    // The statement waits for long: a sentence about the lock of the program's that it waits for,
    // NULL when it is none of the program's. Without this function it always is.
    const char *(*holder)(const struct kit_database *database);
};

struct kit_database {
    const struct sql_backend *backend;
    void *own;             // the backend's
    struct kit_sql *under; // a statement that has been started and not finished
};

// Runs a statement to its end, waiting while somebody else holds a lock.
const struct kit_sql_answer *sql_run(struct kit_database *database,
                                     const struct sql_statement *statement);
// The check cannot go on with this answer: fails it where the program is the reason, breaks it
// otherwise.
_Noreturn void sql_fail_answer(struct kit_database *database, const struct sql_statement *statement,
                               const struct kit_sql_answer *answer);
// "error SQLITE_FULL, the disk is full: database or disk is full", "2 rows". Kept.
const char *sql_answer_text(const struct kit_database *database,
                            const struct kit_sql_answer *answer);

// ---- sql_table.c
enum { SQL_TABLE_WIDTH = 66, SQL_TABLE_ROWS = 12 };
// "apple | 3 | NULL": a row as authors write it. Kept.
const char *sql_row_text(const struct kit_rows *rows, size_t row);
// Lines of a table with the columns' names on top; rows that `differs` names (it has one entry a
// row) begin with "> ". At most SQL_TABLE_ROWS of them, the first that differs among them.
void sql_table(const struct kit_rows *rows, const bool *differs, struct strings *out);

// ---- sql_watch.c
void sql_watch_record(void);

// ---- sql_states.c: a SQLSTATE in words, or NULL
const char *sql_state_meaning(const char *state);

// ---- sql_log.c
// Appends the statements that the program has sent to the check's services; with what it was told,
// and the sessions where there are several. False: none of them tells.
bool sql_log_statements(struct strings *out);
bool sql_log_story(struct strings *out);

// ---- records.c
struct sql_story {
    const char *statement, *answer; // or NULL
    struct strings expected, found; // lines of tables
    struct strings program;         // what the program sent last
};
void kit_record_sql(const struct sql_story *story);

#endif
