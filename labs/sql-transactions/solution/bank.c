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
    "  source  BIGINT NOT NULL CONSTRAINT source_is_there REFERENCES accounts,"
    "  target  BIGINT NOT NULL CONSTRAINT target_is_there REFERENCES accounts,"
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

// ---------------------------------------------------------------- one statement

// A request on its way through a transaction.
struct job {
    const struct request *request;
    struct answer *answer;
    PGconn *database;
    bool again; // the transaction was undone through no fault of its own: another try may succeed
};

// The constraint that refused, and what the client is told.
static const struct {
    const char *constraint;
    int status;
    const char *word;
} refusals[] = {
    {"funds_suffice", 409, "insufficient-funds"}, {"amount_is_positive", 422, "bad-amount"},
    {"accounts_differ", 422, "same-account"},     {"source_is_there", 404, "unknown-account"},
    {"target_is_there", 404, "unknown-account"},
};

// The database refused a statement because of what it says.
static void refuse(struct job *job, const PGresult *result)
{
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    for (size_t i = 0; constraint != NULL && i < sizeof refusals / sizeof *refusals; i++) {
        if (strcmp(constraint, refusals[i].constraint) == 0) {
            answer_error(job->answer, refusals[i].status, refusals[i].word);
            return;
        }
    }
    answer_error(job->answer, 422, "bad-value"); // no number, too large, missing
}

// A statement failed. The first two characters of an SQLSTATE are its class.
static void explain(struct job *job, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == NULL || PQstatus(job->database) == CONNECTION_BAD) {
        job->again = true; // the connection is gone
    } else if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0) {
        job->again = true; // serialization_failure, deadlock_detected
    } else if (strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0) {
        refuse(job, result); // data exception, integrity constraint violation
    } else {
        fprintf(stderr, "%s: %s", state, PQresultErrorMessage(result));
        answer_error(job->answer, 500, "error");
    }
}

// Sends a statement; values[0] takes the place of $1, and so on. Values travel beside the statement
// and never become a part of it. Returns NULL when it failed; otherwise PQclear() the result.
static PGresult *query(struct job *job, const char *statement, int count, const char *const *values)
{
    PGresult *result = PQexecParams(job->database, statement, count, NULL, values, NULL, NULL, 0);
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

static void pause_before(int try)
{
    // Longer and longer, and not equally long for all, so that those who met do not meet again.
    struct timespec pause = {.tv_nsec = (rand() % 1000) * 1000L * try};
    nanosleep(&pause, NULL);
}

// What becomes of a try.
enum outcome {
    DONE,
    REFUSED, // nothing of it stays; the answer says why
    UNDONE,  // nothing of it stays, and another try may succeed
    UNKNOWN, // the connection broke during COMMIT: it was done, or it was not
};

static enum outcome try_once(struct job *job, const char *begin, bool (*work)(struct job *))
{
    if (run(job, begin, 0, NULL) && work(job)) {
        if (run(job, "COMMIT", 0, NULL))
            return DONE;
        if (PQstatus(job->database) == CONNECTION_BAD)
            return UNKNOWN;
    }
    if (PQstatus(job->database) == CONNECTION_OK)
        PQclear(PQexec(job->database, "ROLLBACK"));
    return job->again ? UNDONE : REFUSED;
}

// Begins a transaction with `begin`, runs `work`, which writes the answer, and commits. When `work`
// returns false or a statement fails, nothing of it stays. What was undone through no fault of its
// own is tried again from the beginning. What may have been done is tried again only when doing it
// twice does no harm: `repeatable`.
static void transaction(const struct request *request, struct answer *answer, const char *begin,
                        bool repeatable, bool (*work)(struct job *))
{
    for (int try = 0; try < TRIES_MOST; try++) {
        if (try > 0)
            pause_before(try);
        answer_clear(answer);
        struct job job = {.request = request, .answer = answer, .database = pool_take()};
        enum outcome outcome = UNKNOWN;
        if (job.database != NULL)
            outcome = try_once(&job, begin, work);
        pool_give(job.database);
        if (outcome == DONE || outcome == REFUSED)
            return;
        if (job.database == NULL || (outcome == UNKNOWN && !repeatable))
            break;
    }
    answer_error(answer, 503, "try-again");
}

// ---------------------------------------------------------------- the requests

// Writes all rows of a result.
static void answer_rows(struct answer *answer, const PGresult *result)
{
    for (int row = 0; row < PQntuples(result); row++) {
        for (int column = 0; column < PQnfields(result); column++)
            answer_text(answer, PQgetvalue(result, row, column));
        answer_end_row(answer);
    }
}

static bool health(struct job *job)
{
    PGresult *result = query(job, "SELECT 'ok'", 0, NULL);
    if (result == NULL)
        return false;
    answer_rows(job->answer, result);
    PQclear(result);
    return true;
}

static bool create_account(struct job *job)
{
    const char *values[] = {request_field(job->request, "owner"),
                            request_field(job->request, "balance")};
    PGresult *result =
        query(job, "INSERT INTO accounts (owner, balance) VALUES ($1, $2) RETURNING id", 2, values);
    if (result == NULL)
        return false;
    answer_status(job->answer, 201);
    answer_rows(job->answer, result);
    PQclear(result);
    return true;
}

static bool show_account(struct job *job)
{
    const char *values[] = {request_name(job->request, "GET", "/accounts/", "")};
    PGresult *result =
        query(job, "SELECT id, balance, owner FROM accounts WHERE id = $1", 1, values);
    if (result == NULL)
        return false;
    answer_rows(job->answer, result);
    if (PQntuples(result) == 0)
        answer_error(job->answer, 404, "unknown-account");
    PQclear(result);
    return true;
}

static bool list_accounts(struct job *job)
{
    const char *values[] = {request_field(job->request, "owner")};
    PGresult *result = query(
        job, "SELECT id, balance, owner FROM accounts WHERE owner = $1 ORDER BY id", 1, values);
    if (result == NULL)
        return false;
    answer_rows(job->answer, result);
    PQclear(result);
    return true;
}

// A transfer has been made under this key before: the same answer again, or a complaint when the
// key now stands for something else.
static bool answer_again(struct job *job, const char *const values[4])
{
    PGresult *result = query(job,
                             "SELECT id FROM transfers"
                             " WHERE key = $4 AND source = $1 AND target = $2 AND amount = $3",
                             4, values);
    if (result == NULL)
        return false;
    answer_status(job->answer, 201);
    answer_rows(job->answer, result);
    if (PQntuples(result) == 0)
        answer_error(job->answer, 422, "key-reused");
    PQclear(result);
    return true;
}

static bool transfer(struct job *job)
{
    const char *source = request_field(job->request, "from");
    const char *target = request_field(job->request, "to");
    const char *amount = request_field(job->request, "amount");
    const char *values[] = {source, target, amount,
                            request_header(job->request, "Idempotency-Key")};
    // The key is UNIQUE: of two requests with one key the second waits here for the first one's
    // end, and then inserts nothing.
    PGresult *result = query(job,
                             "INSERT INTO transfers (source, target, amount, key)"
                             " VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING RETURNING id",
                             4, values);
    if (result == NULL)
        return false;
    bool is_new = PQntuples(result) == 1;
    answer_status(job->answer, 201);
    answer_rows(job->answer, result);
    PQclear(result);
    if (!is_new)
        return answer_again(job, values);
    // All lock the lower id first: two transfers between the same accounts never wait for each
    // other. NO KEY, as the foreign keys of other transfers may still look at the rows.
    return run(job, "SELECT FROM accounts WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE", 2,
               values) &&
           run(job, "UPDATE accounts SET balance = balance - $2 WHERE id = $1", 2,
               (const char *[]){source, amount}) &&
           run(job, "UPDATE accounts SET balance = balance + $2 WHERE id = $1", 2,
               (const char *[]){target, amount});
}

// Freezes an account, unless it is the owner's last one that is not frozen. That rule is about
// several rows, so no constraint can keep it: the transaction is SERIALIZABLE, and when two at once
// would break it together, the database undoes one of them.
static bool freeze(struct job *job)
{
    const char *values[] = {request_name(job->request, "POST", "/accounts/", "/freeze")};
    PGresult *result = query(job,
                             "SELECT this.frozen OR EXISTS (SELECT FROM accounts AS other"
                             "   WHERE other.owner = this.owner AND other.id <> this.id"
                             "   AND NOT other.frozen)"
                             " FROM accounts AS this WHERE this.id = $1",
                             1, values);
    if (result == NULL)
        return false;
    bool is_there = PQntuples(result) == 1;
    bool is_allowed = is_there && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    if (!is_there)
        answer_error(job->answer, 404, "unknown-account");
    else if (!is_allowed)
        answer_error(job->answer, 409, "last-account");
    if (!is_allowed)
        return false;
    answer_text(job->answer, "frozen");
    answer_end_row(job->answer);
    return run(job, "UPDATE accounts SET frozen = true WHERE id = $1", 1, values);
}

// Two statements, one moment: REPEATABLE READ shows both the same state of the database.
static bool audit(struct job *job)
{
    PGresult *money =
        query(job, "SELECT count(*), coalesce(sum(balance), 0) FROM accounts", 0, NULL);
    if (money == NULL)
        return false;
    answer_rows(job->answer, money);
    PQclear(money);
    PGresult *moved =
        query(job, "SELECT count(*), coalesce(sum(amount), 0) FROM transfers", 0, NULL);
    if (moved == NULL)
        return false;
    answer_rows(job->answer, moved);
    PQclear(moved);
    return true;
}

// A page of an account's transfers, the newest first. The next page begins below the id that this
// one ended with, so that transfers which come meanwhile move nothing.
static bool history(struct job *job)
{
    char rows[24];
    int64_t limit = 20;
    request_integer(job->request, "limit", &limit);
    int size = limit < 1 ? 1 : limit > PAGE_MOST ? PAGE_MOST : (int)limit;
    snprintf(rows, sizeof rows, "%d", size + 1); // one more, to see whether there is a next page
    const char *values[] = {request_name(job->request, "GET", "/accounts/", "/transfers"),
                            request_field(job->request, "after"), rows};
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
    const char *next = PQntuples(result) > size ? PQgetvalue(result, size - 1, 0) : NULL;
    for (int row = 0; row < size && row < PQntuples(result); row++) {
        for (int column = 0; column < 4; column++)
            answer_text(job->answer, PQgetvalue(result, row, column));
        answer_end_row(job->answer);
    }
    if (next != NULL) {
        answer_text(job->answer, "next");
        answer_text(job->answer, next);
        answer_end_row(job->answer);
    }
    PQclear(result);
    return true;
}

// ---------------------------------------------------------------- what http.c calls

void app_answer(const struct request *request, struct answer *answer)
{
    if (request_is(request, "GET", "/health"))
        transaction(request, answer, "BEGIN", true, health);
    else if (request_is(request, "POST", "/accounts"))
        transaction(request, answer, "BEGIN", false, create_account);
    else if (request_is(request, "GET", "/accounts"))
        transaction(request, answer, "BEGIN", true, list_accounts);
    else if (request_name(request, "GET", "/accounts/", "") != NULL)
        transaction(request, answer, "BEGIN", true, show_account);
    else if (request_is(request, "POST", "/transfers"))
        transaction(request, answer, "BEGIN", request_header(request, "Idempotency-Key") != NULL,
                    transfer);
    else if (request_name(request, "POST", "/accounts/", "/freeze") != NULL)
        transaction(request, answer, "BEGIN ISOLATION LEVEL SERIALIZABLE", true, freeze);
    else if (request_is(request, "GET", "/audit"))
        transaction(request, answer, "BEGIN ISOLATION LEVEL REPEATABLE READ", true, audit);
    else if (request_name(request, "GET", "/accounts/", "/transfers") != NULL)
        transaction(request, answer, "BEGIN", true, history);
    else
        answer_error(answer, 404, "not-found");
}

bool app_start(void)
{
    if (getenv("DATABASE_URL") == NULL) {
        fprintf(stderr, "DATABASE_URL is not set\n");
        return false;
    }
    pool_open();
    PGconn *database = pool_take();
    if (database == NULL)
        return false;
    PGresult *result = PQexec(database, tables);
    bool is_made = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!is_made)
        fprintf(stderr, "%s", PQresultErrorMessage(result));
    PQclear(result);
    pool_give(database);
    return is_made;
}

void app_stop(void)
{
    while (pool.idle_count > 0)
        PQfinish(pool.idle[--pool.idle_count]);
}
