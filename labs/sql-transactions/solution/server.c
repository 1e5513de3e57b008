// SPDX-License-Identifier: MIT
/*
 * A small bank over HTTP whose accounts live in PostgreSQL. Many requests run at the same time, in
 * as many threads, over a few connections that they share. From top to bottom: the tables, the pool
 * of connections, one statement, one transaction with its second tries, and then each request.
 *
 * What must never happen, whatever the others do and whoever dies: money that comes or goes, a
 * transfer that is done twice, a transfer that was promised and is not there.
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http.h"

enum { POOL_MOST = 64, TRIES_MOST = 12, PAGE_MOST = 100 };

// The rules of the bank, kept by the database itself, whatever program asks. Each constraint has a
// name, because an error names the constraint that refused. Money is a whole number of cents.
static const char *const tables =
    "CREATE TABLE IF NOT EXISTS accounts ("
    "  id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "  owner   TEXT NOT NULL CONSTRAINT owner_has_a_name CHECK (owner <> ''),"
    "  balance BIGINT NOT NULL CONSTRAINT funds_suffice CHECK (balance >= 0),"
    "  frozen  BOOLEAN NOT NULL DEFAULT false);"
    "CREATE INDEX IF NOT EXISTS accounts_by_owner ON accounts (owner);"
    "CREATE TABLE IF NOT EXISTS transfers ("
    "  id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "  source  BIGINT NOT NULL REFERENCES accounts,"
    "  target  BIGINT NOT NULL REFERENCES accounts,"
    "  amount  BIGINT NOT NULL CONSTRAINT amount_is_positive CHECK (amount > 0),"
    "  key     TEXT UNIQUE,"
    "  CONSTRAINT accounts_differ CHECK (source <> target));"
    "CREATE INDEX IF NOT EXISTS transfers_by_source ON transfers (source, id);"
    "CREATE INDEX IF NOT EXISTS transfers_by_target ON transfers (target, id);";

// ---------------------------------------------------------------- the pool

static struct {
    pthread_mutex_t lock;
    pthread_cond_t returned;
    PGconn *idle[POOL_MOST]; // NULL: a place whose connection has not been made yet
    int idle_count;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .returned = PTHREAD_COND_INITIALIZER};

static void pool_open(void)
{
    const char *text = getenv("POOL_SIZE");
    int size = text != NULL ? atoi(text) : 4;
    // Places without connections: each is made when it is needed for the first time.
    pool.idle_count = size < 1 ? 1 : size > POOL_MOST ? POOL_MOST : size;
}

// Waits for a place of the pool. Returns a connection that works, or NULL when the database cannot
// be reached; either way pool_give() has to follow.
static PGconn *pool_take(void)
{
    pthread_mutex_lock(&pool.lock);
    while (pool.idle_count == 0)
        pthread_cond_wait(&pool.returned, &pool.lock);
    PGconn *database = pool.idle[--pool.idle_count];
    pthread_mutex_unlock(&pool.lock);

    if (database == NULL)
        database = PQconnectdb(getenv("DATABASE_URL"));
    if (PQstatus(database) == CONNECTION_OK)
        return database;
    fprintf(stderr, "%s", PQerrorMessage(database));
    PQfinish(database);
    return NULL;
}

static void pool_give(PGconn *database)
{
    // Nobody gets a connection that is broken: its place is given back empty.
    if (database != NULL && PQstatus(database) == CONNECTION_BAD) {
        PQfinish(database);
        database = NULL;
    }
    pthread_mutex_lock(&pool.lock);
    pool.idle[pool.idle_count++] = database;
    pthread_cond_signal(&pool.returned);
    pthread_mutex_unlock(&pool.lock);
}

static void pool_close(void)
{
    while (pool.idle_count > 0)
        PQfinish(pool.idle[--pool.idle_count]);
}

// ---------------------------------------------------------------- one statement

// A request on its way through a transaction.
struct job {
    struct http_request *request;
    PGconn *database;
    bool again; // the transaction was undone through no fault of its own: another try may succeed
};

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

// The database refused a statement. Says to the client why, or notes that it is worth another try.
static void explain(struct job *job, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    if (constraint == NULL)
        constraint = "";
    if (state == NULL || PQstatus(job->database) == CONNECTION_BAD) {
        job->again = true; // no answer of the database at all: the connection is gone
    } else if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0) {
        job->again = true; // serialization_failure, deadlock_detected
    } else if (strcmp(constraint, "funds_suffice") == 0) {
        http_answer(job->request, 409, "insufficient-funds\n");
    } else if (strcmp(constraint, "accounts_differ") == 0) {
        http_answer(job->request, 422, "same-account\n");
    } else if (strcmp(constraint, "amount_is_positive") == 0) {
        http_answer(job->request, 422, "bad-amount\n");
    } else if (strcmp(state, "23503") == 0) { // foreign_key_violation
        http_answer(job->request, 404, "unknown-account\n");
    } else if (begins_with(state, "22") || begins_with(state, "23")) {
        http_answer(job->request, 422, "bad-value\n"); // no number, too large, missing
    } else {
        fprintf(stderr, "%s: %s", state, PQresultErrorMessage(result));
        http_answer(job->request, 500, "error\n");
    }
}

// Sends a statement; values[0] takes the place of $1, and so on. Values travel beside the statement
// and never become a part of it. Returns NULL when it failed; otherwise PQclear() the result.
static PGresult *query(struct job *job, const char *statement, int count, const char *const *values)
{
    PGresult *result =
        PQexecParams(job->database, statement, count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    explain(job, result);
    PQclear(result);
    return NULL;
}

// The same for a statement whose rows nobody needs. Returns whether it succeeded.
static bool run(struct job *job, const char *statement, int count, const char *const *values)
{
    PGresult *result = query(job, statement, count, values);
    PQclear(result);
    return result != NULL;
}

// ---------------------------------------------------------------- one transaction

static void pause_before_try(int try)
{
    // Longer and longer, and not equally long for all, so that those who met do not meet again.
    struct timespec pause = {.tv_nsec = (rand() % 1000) * 1000L * try};
    nanosleep(&pause, NULL);
}

// Begins a transaction with `begin`, runs `work`, which answers the request, and commits. When
// `work` returns false, or anything fails, nothing of it stays. What the database undid in order to
// serve others, or because a connection broke, is done again from the beginning.
//
// When the connection breaks during COMMIT, nobody knows whether it was done. It is repeated only
// when that does no harm: `repeatable`.
static void transaction(struct http_request *request, const char *begin, bool repeatable,
                        bool (*work)(struct job *))
{
    for (int try = 0; try < TRIES_MOST; try++) {
        struct job job = {.request = request};
        bool committing = false;
        if (try > 0)
            pause_before_try(try);
        job.database = pool_take();
        if (job.database == NULL) {
            pool_give(NULL);
            break;
        }
        if (run(&job, begin, 0, NULL) && work(&job)) {
            committing = true;
            if (run(&job, "COMMIT", 0, NULL)) {
                pool_give(job.database);
                return;
            }
        }
        bool is_lost = PQstatus(job.database) == CONNECTION_BAD;
        if (!is_lost)
            PQclear(PQexec(job.database, "ROLLBACK"));
        pool_give(job.database);
        if (!job.again)
            return;
        if (committing && is_lost && !repeatable)
            break;
    }
    http_answer(request, 503, "try-again\n");
}

// ---------------------------------------------------------------- the requests

static bool health(struct job *job)
{
    if (!run(job, "SELECT 1", 0, NULL))
        return false;
    http_answer(job->request, 200, "ok\n");
    return true;
}

static bool create_account(struct job *job)
{
    const char *values[] = {http_value(job->request, "owner"), http_value(job->request, "balance")};
    PGresult *result = query(
        job, "INSERT INTO accounts (owner, balance) VALUES ($1, $2) RETURNING id", 2, values);
    if (result == NULL)
        return false;
    http_answer(job->request, 201, "%s\n", PQgetvalue(result, 0, 0));
    PQclear(result);
    return true;
}

// The digits behind "/accounts/" in the path, as far as they go; "" when there are none or too many
// for a BIGINT.
static const char *id_in_path(struct http_request *request, char id[20])
{
    const char *digits = http_path(request) + strlen("/accounts/");
    size_t length = strspn(digits, "0123456789");
    snprintf(id, 20, "%.*s", length < 19 ? (int)length : 0, digits);
    return id;
}

static bool show_account(struct job *job)
{
    char id[20];
    const char *values[] = {id_in_path(job->request, id)};
    PGresult *result =
        query(job, "SELECT id, balance, owner FROM accounts WHERE id = $1", 1, values);
    if (result == NULL)
        return false;
    if (PQntuples(result) == 1)
        http_answer(job->request, 200, "%s %s %s\n", PQgetvalue(result, 0, 0),
                    PQgetvalue(result, 0, 1), PQgetvalue(result, 0, 2));
    else
        http_answer(job->request, 404, "unknown-account\n");
    PQclear(result);
    return true;
}

static bool list_accounts(struct job *job)
{
    const char *values[] = {http_value(job->request, "owner")};
    PGresult *result = query(
        job, "SELECT id, balance, owner FROM accounts WHERE owner = $1 ORDER BY id", 1, values);
    if (result == NULL)
        return false;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    for (int row = 0; row < PQntuples(result); row++)
        fprintf(out, "%s %s %s\n", PQgetvalue(result, row, 0), PQgetvalue(result, row, 1),
                PQgetvalue(result, row, 2));
    fclose(out);
    PQclear(result);
    http_answer(job->request, 200, "%s", text);
    free(text);
    return true;
}

// The transfer that has been done under this key already: the same answer again, or a complaint
// when the key now stands for something else.
static bool answer_again(struct job *job, const char *const values[4])
{
    PGresult *result = query(job,
                             "SELECT id, source = $1 AND target = $2 AND amount = $3"
                             " FROM transfers WHERE key = $4",
                             4, values);
    if (result == NULL)
        return false;
    if (PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 1), "t") == 0)
        http_answer(job->request, 201, "%s\n", PQgetvalue(result, 0, 0));
    else
        http_answer(job->request, 422, "key-reused\n");
    PQclear(result);
    return true;
}

static bool transfer(struct job *job)
{
    struct http_request *request = job->request;
    const char *values[] = {http_value(request, "from"), http_value(request, "to"),
                            http_value(request, "amount"), http_header(request, "Idempotency-Key")};
    // The key is UNIQUE: of two requests with one key the second waits here for the first one's
    // end, and then inserts nothing.
    PGresult *result = query(job,
                             "INSERT INTO transfers (source, target, amount, key)"
                             " VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING RETURNING id",
                             4, values);
    if (result == NULL)
        return false;
    if (PQntuples(result) == 0) {
        PQclear(result);
        return answer_again(job, values);
    }
    http_answer(request, 201, "%s\n", PQgetvalue(result, 0, 0));
    PQclear(result);
    // All lock the lower id first: two transfers between the same accounts cannot wait for each
    // other. NO KEY, as the foreign keys of other transfers may still look at the rows.
    return run(job, "SELECT FROM accounts WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE", 2,
               values) &&
           run(job, "UPDATE accounts SET balance = balance - $2 WHERE id = $1", 2,
               (const char *[]){values[0], values[2]}) &&
           run(job, "UPDATE accounts SET balance = balance + $2 WHERE id = $1", 2,
               (const char *[]){values[1], values[2]});
}

// Freezes an account, unless it is the owner's last one that is not frozen. That rule is about
// several rows, so no constraint can keep it: the transaction is SERIALIZABLE, and when two of
// them at once would break it, the database undoes one.
static bool freeze(struct job *job)
{
    char id[20];
    const char *values[] = {id_in_path(job->request, id)};
    PGresult *result =
        query(job,
              "SELECT this.frozen, (SELECT count(*) FROM accounts AS other"
              "   WHERE other.owner = this.owner AND other.id <> this.id AND NOT other.frozen)"
              " FROM accounts AS this WHERE this.id = $1",
              1, values);
    if (result == NULL)
        return false;
    bool is_there = PQntuples(result) == 1;
    bool is_frozen = is_there && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    bool is_last = is_there && strcmp(PQgetvalue(result, 0, 1), "0") == 0;
    PQclear(result);
    if (!is_there || (is_last && !is_frozen)) {
        http_answer(job->request, is_there ? 409 : 404,
                    is_there ? "last-account\n" : "unknown-account\n");
        return false;
    }
    http_answer(job->request, 200, "frozen\n");
    return run(job, "UPDATE accounts SET frozen = true WHERE id = $1", 1, values);
}

// Two statements, one moment: REPEATABLE READ shows both the same state of the database.
static bool audit(struct job *job)
{
    PGresult *money = query(job, "SELECT count(*), coalesce(sum(balance), 0) FROM accounts", 0, NULL);
    PGresult *moved =
        money == NULL
            ? NULL
            : query(job, "SELECT count(*), coalesce(sum(amount), 0) FROM transfers", 0, NULL);
    if (moved != NULL)
        http_answer(job->request, 200, "accounts %s\nmoney %s\ntransfers %s\nmoved %s\n",
                    PQgetvalue(money, 0, 0), PQgetvalue(money, 0, 1), PQgetvalue(moved, 0, 0),
                    PQgetvalue(moved, 0, 1));
    PQclear(money);
    PQclear(moved);
    return moved != NULL;
}

// A page of an account's transfers, the newest first. The next page begins below the id that this
// one ended with, so that transfers which come meanwhile move nothing.
static bool history(struct job *job)
{
    struct http_request *request = job->request;
    char id[20], rows[20];
    const char *limit = http_value(request, "limit");
    const char *after = http_value(request, "after");
    int size = limit != NULL ? atoi(limit) : 20;
    size = size < 1 ? 1 : size > PAGE_MOST ? PAGE_MOST : size;
    snprintf(rows, sizeof rows, "%d", size + 1); // one more, to know whether there is a next page
    const char *values[] = {id_in_path(request, id), after, rows};
    PGresult *result = query(
        job,
        "SELECT t.id, CASE WHEN t.source = $1 THEN -t.amount ELSE t.amount END, a.id, a.owner"
        " FROM transfers AS t"
        " JOIN accounts AS a ON a.id = CASE WHEN t.source = $1 THEN t.target ELSE t.source END"
        " WHERE (t.source = $1 OR t.target = $1) AND ($2::bigint IS NULL OR t.id < $2)"
        " ORDER BY t.id DESC LIMIT $3",
        3, values);
    if (result == NULL)
        return false;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    int count = PQntuples(result) < size ? PQntuples(result) : size;
    for (int row = 0; row < count; row++)
        fprintf(out, "%s %s %s %s\n", PQgetvalue(result, row, 0), PQgetvalue(result, row, 1),
                PQgetvalue(result, row, 2), PQgetvalue(result, row, 3));
    if (PQntuples(result) > size)
        fprintf(out, "next %s\n", PQgetvalue(result, size - 1, 0));
    fclose(out);
    PQclear(result);
    http_answer(request, 200, "%s", text);
    free(text);
    return true;
}

// ---------------------------------------------------------------- routes

// Whether the path is "/accounts/ID" with `rest` behind it.
static bool is_account(struct http_request *request, const char *rest)
{
    char id[20];
    const char *path = http_path(request);
    if (!begins_with(path, "/accounts/") || id_in_path(request, id)[0] == '\0')
        return false;
    return strcmp(path + strlen("/accounts/") + strlen(id), rest) == 0;
}

static void handle(struct http_request *request)
{
    const char *path = http_path(request);
    bool get = strcmp(http_method(request), "GET") == 0;
    bool post = strcmp(http_method(request), "POST") == 0;

    if (get && strcmp(path, "/health") == 0)
        transaction(request, "BEGIN", true, health);
    else if (post && strcmp(path, "/accounts") == 0)
        transaction(request, "BEGIN", false, create_account);
    else if (get && strcmp(path, "/accounts") == 0)
        transaction(request, "BEGIN", true, list_accounts);
    else if (get && is_account(request, ""))
        transaction(request, "BEGIN", true, show_account);
    else if (post && strcmp(path, "/transfers") == 0)
        transaction(request, "BEGIN", http_header(request, "Idempotency-Key") != NULL, transfer);
    else if (post && is_account(request, "/freeze"))
        transaction(request, "BEGIN ISOLATION LEVEL SERIALIZABLE", true, freeze);
    else if (get && strcmp(path, "/audit") == 0)
        transaction(request, "BEGIN ISOLATION LEVEL REPEATABLE READ", true, audit);
    else if (get && is_account(request, "/transfers"))
        transaction(request, "BEGIN", true, history);
    else
        http_answer(request, 404, "not-found\n");
}

int main(void)
{
    pool_open();
    PGconn *database = pool_take();
    if (database == NULL)
        return 1;
    PGresult *result = PQexec(database, tables);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fprintf(stderr, "%s", PQresultErrorMessage(result));
        return 1;
    }
    PQclear(result);
    pool_give(database);
    int status = http_serve(handle) == 0 ? 0 : 1;
    pool_close();
    return status;
}
