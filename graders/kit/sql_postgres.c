// SPDX-License-Identifier: MIT
/*
 * PostgreSQL, as the administrator of the check's own server. A statement that meets a lock is
 * answered when the lock is let go; until then the check waits as it waits for everything, on the
 * connection's socket. Only who holds the lock is asked on a second connection.
 */
#include <libpq-fe.h>
#include <string.h>

#include "sql.h"

enum { MOST_ROWS = 100000 };

struct postgres {
    PGconn *handle;
    int process;                  // of the server's, for this connection
    struct kit_sql_answer answer; // so far
};

// ---------------------------------------------------------------- connections

static const char *one_line(const char *message)
{
    size_t length = strlen(message);
    while (length > 0 && message[length - 1] == '\n')
        length--;
    char *line = kit_keep_bytes(message, length);
    for (char *at = line; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
    return line;
}

// Nobody but the server is waited for, and a server that stands still is the check's own doing.
static PGconn *connect_now(void)
{
    const char *url = kit_format("%s&connect_timeout=10", kit_service("POSTGRES_ADMIN_URL"));
    PGconn *handle = PQconnectdb(url);
    if (PQstatus(handle) != CONNECTION_OK)
        kit_break("kit_postgres: %s", one_line(PQerrorMessage(handle)));
    return handle;
}

// Nothing comes between two statements but the end.
static bool is_connected(PGconn *handle)
{
    struct pollfd end = {.fd = PQsocket(handle), .events = POLLIN};
    while (PQstatus(handle) == CONNECTION_OK && poll(&end, 1, 0) > 0)
        if (PQconsumeInput(handle) == 0)
            return false;
    return PQstatus(handle) == CONNECTION_OK;
}

// A server that was stopped and started again meanwhile has ended this connection.
static void connect_again(struct postgres *own)
{
    if (is_connected(own->handle))
        return;
    PQfinish(own->handle);
    own->handle = connect_now();
    own->process = PQbackendPID(own->handle);
}

// ---------------------------------------------------------------- statements

static void begin(struct kit_database *database, const struct sql_statement *statement)
{
    struct postgres *own = database->own;
    connect_again(own);
    own->answer = (struct kit_sql_answer){.rows = kit_keep(sizeof(struct kit_rows))};
    int sent = statement->count == 0
                   ? PQsendQuery(own->handle, statement->text)
                   : PQsendQueryParams(own->handle, statement->text, (int)statement->count, NULL,
                                       statement->parameters, NULL, NULL, 0);
    if (sent == 0) {
        own->answer.code = "08006";
        own->answer.message = one_line(PQerrorMessage(own->handle));
    }
}

static const struct kit_rows *rows_of(const PGresult *result)
{
    struct kit_rows *rows = kit_keep(sizeof *rows);
    int count = PQntuples(result), columns = PQnfields(result);
    if (count > MOST_ROWS)
        kit_break("an answer of %d rows; at most %d are read", count, MOST_ROWS);
    const char **names = kit_keep(((size_t)columns + 1) * sizeof *names);
    const char **values = kit_keep(((size_t)count * (size_t)columns + 1) * sizeof *values);
    for (int i = 0; i < columns; i++)
        names[i] = kit_format("%s", PQfname(result, i));
    for (int row = 0; row < count; row++)
        for (int i = 0; i < columns; i++)
            if (!PQgetisnull(result, row, i))
                values[row * columns + i] =
                    kit_keep_bytes(PQgetvalue(result, row, i), (size_t)PQgetlength(result, row, i));
    *rows = (struct kit_rows){(size_t)count, (size_t)columns, names, values};
    return rows;
}

// The first error counts: what follows in a row of statements comes from it.
static void result_take(struct postgres *own, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (own->answer.code != NULL)
        return;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) {
        own->answer.rows = rows_of(result);
        return;
    }
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    own->answer.code = kit_format("%s", state != NULL ? state : "08006");
    own->answer.message = message == NULL  ? one_line(PQresultErrorMessage(result))
                          : detail == NULL ? one_line(message)
                                           : one_line(kit_format("%s (%s)", message, detail));
}

static bool go_on(struct kit_database *database, struct kit_sql_answer *out)
{
    struct postgres *own = database->own;
    bool lost = PQflush(own->handle) < 0 || PQconsumeInput(own->handle) == 0;
    while (lost || !PQisBusy(own->handle)) {
        PGresult *result = PQgetResult(own->handle);
        if (result == NULL) {
            *out = own->answer;
            return true;
        }
        result_take(own, result);
        PQclear(result);
    }
    return false;
}

static int descriptor(const struct kit_database *database)
{
    const struct postgres *own = database->own;
    return PQsocket(own->handle);
}

static bool is_busy(const char *code)
{
    (void)code;
    return false; // the server waits itself
}

// What can be wrong with the statement of a check that was tried once, the program's tables and
// rows apart, is its author's.
static bool is_programs_fault(const struct kit_sql_answer *answer)
{
    static const char *const states[] = {"22",    "23",    "40",    "3F000", "42703", "42804",
                                         "42883", "42P01", "42P10", "53",    "P0"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (str_starts_with(answer->code, states[i]))
            return true;
    return false;
}

// ---------------------------------------------------------------- whose lock it is

static const char *holder(const struct kit_database *database)
{
    const struct postgres *own = database->own;
    const char *process = kit_format("%d", own->process);
    PGconn *other = connect_now();
    PGresult *result = PQexecParams(other,
                                    "SELECT state, left(query, 200) FROM pg_stat_activity "
                                    "WHERE pid = ANY (pg_blocking_pids($1)) AND usesysid <> "
                                    "(SELECT oid FROM pg_roles WHERE rolname = current_user)",
                                    1, NULL, &process, NULL, NULL, 0);
    const char *found = NULL;
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0)
        found = kit_format("the lock is held by a session of the program that is %s; last it sent: "
                           "%s",
                           PQgetvalue(result, 0, 0), one_line(PQgetvalue(result, 0, 1)));
    PQclear(result);
    PQfinish(other);
    return found;
}

static const struct sql_backend backend = {
    .begin = begin,
    .go_on = go_on,
    .descriptor = descriptor,
    .is_busy = is_busy,
    .meaning = sql_state_meaning,
    .is_programs_fault = is_programs_fault,
    .holder = holder,
};

struct kit_database *kit_postgres(void)
{
    kit_settle();
    struct kit_database *database = kit_keep(sizeof *database);
    struct postgres *own = kit_keep(sizeof *own);
    own->handle = connect_now();
    own->process = PQbackendPID(own->handle);
    *database = (struct kit_database){.backend = &backend, .own = own};
    return database;
}

void kit_postgres_close(struct kit_database *database)
{
    kit_settle();
    struct postgres *own = database->own;
    PQfinish(own->handle);
    own->handle = NULL;
}
