// SPDX-License-Identifier: MIT
/*
 * Statements of the check's own, on a connection of its own. A statement may meet a lock that the
 * program holds: it is waited for as everything is, by events, and a program that never lets go is
 * stuck like any other.
 */
#include "sql.h"

#include <string.h>

#include "core.h"

#define PATIENCE 30.0 // seconds that a server may take for a statement of the check's

struct kit_sql {
    struct kit_database *database;
    struct sql_statement statement;
    bool done;
    struct kit_sql_answer answer;
};

// ---------------------------------------------------------------- what the database answered

const char *sql_answer_text(const struct kit_database *database,
                            const struct kit_sql_answer *answer)
{
    if (answer->code != NULL) {
        const char *meaning = database->backend->meaning(answer->code);
        return kit_format("error %s%s%s: %s", answer->code, meaning != NULL ? ", " : "",
                          meaning != NULL ? meaning : "", answer->message);
    }
    size_t count = answer->rows->count;
    return kit_format("%zu row%s", count, count == 1 ? "" : "s");
}

void sql_fail_answer(struct kit_database *database, const struct sql_statement *statement,
                     const struct kit_sql_answer *answer)
{
    if (!database->backend->is_programs_fault(answer))
        kit_break("%s: %s", statement->text, sql_answer_text(database, answer));
    kit_fail(&(struct kit_failure){
        .message = kit_format("the database refuses the check's statement: %s", answer->message)});
    struct sql_story story = {.statement = statement->text,
                              .answer = sql_answer_text(database, answer)};
    kit_record_sql(&story);
    kit_settle();
    kit_break("a failure was recorded, and the check goes on");
}

// ---------------------------------------------------------------- running one

static struct kit_sql *begin(struct kit_database *database, const struct sql_statement *statement)
{
    if (database->under != NULL)
        kit_break("\"%s\" comes before kit_sql_finish() of \"%s\"", statement->text,
                  database->under->statement.text);
    struct kit_sql *started = kit_keep(sizeof *started);
    started->database = database;
    started->statement = *statement;
    database->under = started;
    database->backend->begin(database, &started->statement);
    return started;
}

static bool is_busy(const struct kit_sql *started)
{
    const char *code = started->answer.code;
    return code != NULL && started->database->backend->is_busy(code);
}

static bool go_on(struct kit_sql *started)
{
    if (!started->done)
        started->done = started->database->backend->go_on(started->database, &started->answer);
    if (started->done)
        started->database->under = NULL;
    return started->done;
}

// Somebody holds a lock that nobody waits for: the statement is begun again until it gets by.
static bool is_through(void *context)
{
    struct kit_sql *started = context;
    if (started->done && is_busy(started)) {
        started->done = false;
        started->database->under = started;
        started->database->backend->begin(started->database, &started->statement);
    }
    return go_on(started) && !is_busy(started);
}

static int descriptor_of(const struct kit_sql *started)
{
    return started->database->backend->descriptor(started->database);
}

// No program runs, or what it does has nothing to do with this: a server answers all the same.
static void wait_for_server(struct kit_sql *started)
{
    double until = kit_clock() + PATIENCE;
    while (!is_through(started)) {
        struct pollfd polls = {.fd = descriptor_of(started), .events = POLLIN};
        double left = until - kit_clock();
        if (polls.fd < 0 || left <= 0)
            kit_break("\"%s\" waits for a lock that no program holds", started->statement.text);
        poll(&polls, 1, (int)(left * 1000) + 1);
    }
}

_Noreturn static void fail_by_lock(const char *holder)
{
    if (holder != NULL)
        kit_note("%s", holder);
    kit_fail_by_hang("the program never lets go of its lock on the database", NULL);
}

static void wait_until_through(struct kit_sql *started)
{
    const struct sql_backend *backend = started->database->backend;
    struct pollfd polls = {.fd = descriptor_of(started), .events = POLLIN};
    const struct kit_wait wait = {.polls = &polls,
                                  .poll_count = polls.fd >= 0 ? 1 : 0,
                                  .condition = is_through,
                                  .context = started};
    const char *holder = NULL;
    while (!is_through(started)) {
        switch (kit_wait(&wait)) {
        case KIT_HUNG:
            if (backend->holder == NULL || (holder = backend->holder(started->database)) != NULL)
                fail_by_lock(holder);
            wait_for_server(started);
            return;
        case KIT_ENDED:
            wait_for_server(started);
            return;
        case KIT_MET:
        case KIT_READY:
            break;
        }
    }
}

static void finish(struct kit_sql *started)
{
    const struct kit_program *program = kit_the_program();
    if (is_through(started))
        return;
    if (program == NULL || kit_program_state(program) != KIT_RUNNING)
        wait_for_server(started);
    else
        wait_until_through(started);
}

const struct kit_sql_answer *sql_run(struct kit_database *database,
                                     const struct sql_statement *statement)
{
    struct kit_sql *started = begin(database, statement);
    finish(started);
    return &started->answer;
}

// ---------------------------------------------------------------- for authors

static struct sql_statement statement_of(const char *text, const char *const *parameters,
                                         size_t count)
{
    struct sql_statement statement = {.text = text, .count = count};
    const char **kept = kit_keep((count + 1) * sizeof *kept);
    for (size_t i = 0; i < count; i++)
        kept[i] =
            parameters[i] == NULL ? NULL : kit_keep_bytes(parameters[i], strlen(parameters[i]));
    statement.parameters = kept;
    return statement;
}

const struct kit_rows *kit_sql_with(struct kit_database *database, const char *text,
                                    const char *const *parameters, size_t count)
{
    kit_settle();
    struct sql_statement statement = statement_of(text, parameters, count);
    const struct kit_sql_answer *answer = sql_run(database, &statement);
    if (answer->code != NULL)
        sql_fail_answer(database, &statement, answer);
    return answer->rows;
}

const char *kit_sql_value_with(struct kit_database *database, const char *text,
                               const char *const *parameters, size_t count)
{
    const struct kit_rows *rows = kit_sql_with(database, text, parameters, count);
    if (rows->columns != 1)
        kit_break("\"%s\" gives %zu columns, not one value", text, rows->columns);
    return rows->count > 0 ? rows->values[0] : NULL;
}

const struct kit_sql_answer *kit_sql_try_with(struct kit_database *database, const char *text,
                                              const char *const *parameters, size_t count)
{
    kit_settle();
    struct sql_statement statement = statement_of(text, parameters, count);
    struct kit_sql *started = begin(database, &statement);
    if (!go_on(started))
        finish(started);
    return &started->answer;
}

struct kit_sql *kit_sql_start_with(struct kit_database *database, const char *text,
                                   const char *const *parameters, size_t count)
{
    kit_settle();
    struct sql_statement statement = statement_of(text, parameters, count);
    return begin(database, &statement);
}

const struct kit_sql_answer *kit_sql_finish(struct kit_sql *started)
{
    kit_settle();
    finish(started);
    return &started->answer;
}
