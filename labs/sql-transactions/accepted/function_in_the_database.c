// SPDX-License-Identifier: MIT
/*
 * Right and written otherwise: a connection for each request, counted by a semaphore; all of a
 * transfer is one call of a function that lives in the database, so that no statement stands
 * between BEGIN and COMMIT on this side; keys have a table of their own; freezing locks the owner's
 * rows in place of SERIALIZABLE; the audit is one statement; a page is skipped to by an opaque
 * text; locks are taken in any order, and deadlocks are left to second tries.
 */
#include "http.h"

#include <libpq-fe.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sem_t connections;

static const char schema[] =
    "SET client_min_messages = error;"
    "CREATE TABLE IF NOT EXISTS accounts (id BIGSERIAL PRIMARY KEY, owner TEXT NOT NULL,"
    " balance BIGINT NOT NULL, frozen BOOLEAN NOT NULL DEFAULT false,"
    " CONSTRAINT insufficient_funds CHECK (balance >= 0));"
    "CREATE TABLE IF NOT EXISTS transfers (id BIGSERIAL PRIMARY KEY,"
    " source BIGINT NOT NULL, target BIGINT NOT NULL, amount BIGINT NOT NULL,"
    " CONSTRAINT unknown_account FOREIGN KEY (source) REFERENCES accounts (id),"
    " CONSTRAINT unknown_account_too FOREIGN KEY (target) REFERENCES accounts (id),"
    " CONSTRAINT bad_amount CHECK (amount > 0), CONSTRAINT same_account CHECK (source <> target));"
    "CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, transfer BIGINT REFERENCES transfers);"
    "CREATE OR REPLACE FUNCTION pay(s BIGINT, t BIGINT, a BIGINT, k TEXT) RETURNS BIGINT"
    " LANGUAGE plpgsql AS $$ DECLARE n BIGINT; BEGIN"
    " IF k IS NOT NULL THEN"
    "  INSERT INTO keys (key) VALUES (k) ON CONFLICT DO NOTHING;"
    "  IF NOT FOUND THEN"
    "   SELECT transfers.id INTO n FROM keys JOIN transfers ON transfers.id = keys.transfer"
    "    WHERE keys.key = k AND source = s AND target = t AND amount = a;"
    "   RETURN coalesce(n, 0);"
    "  END IF;"
    " END IF;"
    " INSERT INTO transfers (source, target, amount) VALUES (s, t, a) RETURNING id INTO n;"
    " UPDATE accounts SET balance = balance + a WHERE id = t;"
    " UPDATE accounts SET balance = balance - a WHERE id = s;"
    " UPDATE keys SET transfer = n WHERE key = k;"
    " RETURN n; END $$;"
    "CREATE OR REPLACE FUNCTION freeze(account BIGINT) RETURNS TEXT"
    " LANGUAGE plpgsql AS $$ DECLARE who TEXT; others BIGINT; BEGIN"
    " SELECT owner INTO who FROM accounts WHERE id = account;"
    " IF NOT FOUND THEN RETURN 'unknown-account'; END IF;"
    " PERFORM FROM accounts WHERE owner = who ORDER BY id FOR UPDATE;"
    " SELECT count(*) INTO others FROM accounts WHERE owner = who AND id <> account AND NOT frozen;"
    " IF others = 0 THEN RETURN 'last-account'; END IF;"
    " UPDATE accounts SET frozen = true WHERE id = account; RETURN 'frozen'; END $$;";

// What an error means to a client: a constraint is named like its word, with _ for -.
static void refuse(struct answer *answer, const char *state, const char *constraint)
{
    char word[64];
    snprintf(word, sizeof word, "%s", constraint != NULL ? constraint : "");
    for (char *c = word; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
    word[strncmp(word, "unknown-account", 15) == 0 ? 15 : strlen(word)] = '\0';
    bool has_word = strcmp(word, "insufficient-funds") == 0 || strcmp(word, "bad-amount") == 0 ||
                    strcmp(word, "same-account") == 0 || strcmp(word, "unknown-account") == 0;
    int status = word[0] == 'i' ? 409 : word[0] == 'u' ? 404 : 422;
    if (has_word)
        answer_error(answer, status, word);
    else if (state[0] == '2')
        answer_error(answer, 422, "bad-value");
    else
        answer_error(answer, 500, state);
}

static bool is_worth_another_try(const char *state)
{
    return strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0;
}

// One statement on a connection of its own. Without an answer of the database: NULL and 503; it is
// not known then whether it was done, so only what `reads` is tried again here.
static PGresult *ask(struct answer *answer, bool reads, const char *statement, int count,
                     const char *const *values)
{
    PGresult *result = NULL;
    sem_wait(&connections);
    for (int try = 0; try < 20; try++) {
        usleep((unsigned)(rand() % 1000 * try)); // again together would be undone again together
        PGconn *database = PQconnectdb(getenv("DATABASE_URL"));
        if (PQstatus(database) != CONNECTION_OK) {
            PQfinish(database);
            break;
        }
        PQclear(result);
        result = PQexecParams(database, statement, count, NULL, values, NULL, NULL, 0);
        bool lost = PQstatus(database) != CONNECTION_OK;
        PQfinish(database);
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_TUPLES_OK) {
            sem_post(&connections);
            return result;
        }
        const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        if (lost || state == NULL) {
            if (reads)
                continue;
            break;
        }
        if (!is_worth_another_try(state)) {
            refuse(answer, state, PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME));
            PQclear(result);
            sem_post(&connections);
            return NULL;
        }
    }
    PQclear(result);
    sem_post(&connections);
    answer_error(answer, 503, "try-again");
    return NULL;
}

static void rows(struct answer *answer, PGresult *result, int most)
{
    for (int row = 0; result != NULL && row < PQntuples(result) && row < most; row++) {
        for (int column = 0; column < PQnfields(result); column++)
            answer_text(answer, PQgetvalue(result, row, column));
        answer_end_row(answer);
    }
}

static void pay(const struct request *request, struct answer *answer)
{
    const char *values[] = {request_field(request, "from"), request_field(request, "to"),
                            request_field(request, "amount"),
                            request_header(request, "Idempotency-Key")};
    PGresult *result = ask(answer, values[3] != NULL, "SELECT pay($1, $2, $3, $4)", 4, values);
    if (result == NULL)
        return;
    answer_status(answer, 201);
    if (strcmp(PQgetvalue(result, 0, 0), "0") == 0)
        answer_error(answer, 422, "key-reused");
    else
        rows(answer, result, 1);
    PQclear(result);
}

static void freeze(struct answer *answer, const char *id)
{
    PGresult *result = ask(answer, true, "SELECT freeze($1)", 1, &id);
    if (result == NULL)
        return;
    const char *word = PQgetvalue(result, 0, 0);
    if (word[0] == 'f')
        rows(answer, result, 1);
    else
        answer_error(answer, word[0] == 'u' ? 404 : 409, word);
    PQclear(result);
}

// The account's transfers below $2, written as "before:ID".
static void history(const struct request *request, struct answer *answer, const char *id)
{
    int64_t limit = 20;
    request_integer(request, "limit", &limit);
    limit = limit < 1 ? 1 : limit > 100 ? 100 : limit;
    const char *after = request_field(request, "after");
    char most[24], next[40];
    snprintf(most, sizeof most, "%d", (int)limit + 1);
    const char *values[] = {id, after != NULL ? after : "before:9223372036854775807", most};
    PGresult *result = ask(answer, true,
                           "SELECT m.id, m.amount, m.other, owner FROM ("
                           " SELECT id, -amount AS amount, target AS other FROM transfers"
                           "  WHERE source = $1"
                           " UNION ALL"
                           " SELECT id, amount, source FROM transfers WHERE target = $1) AS m"
                           " JOIN accounts ON accounts.id = m.other"
                           " WHERE m.id < split_part($2, ':', 2)::bigint"
                           " ORDER BY m.id DESC LIMIT $3",
                           3, values);
    if (result == NULL)
        return;
    rows(answer, result, (int)limit);
    if (PQntuples(result) > limit) {
        snprintf(next, sizeof next, "before:%s", PQgetvalue(result, (int)limit - 1, 0));
        answer_text(answer, "next");
        answer_text(answer, next);
        answer_end_row(answer);
    }
    PQclear(result);
}

static void simple(struct answer *answer, bool reads, int status, const char *statement, int count,
                   const char *const *values)
{
    PGresult *result = ask(answer, reads, statement, count, values);
    if (result == NULL)
        return;
    answer_status(answer, status);
    rows(answer, result, PQntuples(result));
    if (PQntuples(result) == 0 && strstr(statement, "WHERE id") != NULL)
        answer_error(answer, 404, "unknown-account");
    PQclear(result);
}

void app_answer(const struct request *request, struct answer *answer)
{
    const char *owner = request_field(request, "owner"), *name;
    if (request_is(request, "GET", "/health"))
        simple(answer, true, 200, "SELECT 'ok'", 0, NULL);
    else if (request_is(request, "POST", "/accounts"))
        simple(answer, false, 201,
               "INSERT INTO accounts (owner, balance) VALUES ($1, $2) RETURNING id", 2,
               (const char *[]){owner, request_field(request, "balance")});
    else if (request_is(request, "GET", "/accounts"))
        simple(answer, true, 200,
               "SELECT id, balance, owner FROM accounts WHERE owner = $1 ORDER BY id", 1, &owner);
    else if (request_is(request, "POST", "/transfers"))
        pay(request, answer);
    else if (request_is(request, "GET", "/audit"))
        simple(answer, true, 200,
               "SELECT count(*), coalesce(sum(balance), 0) FROM accounts UNION ALL"
               " SELECT count(*), coalesce(sum(amount), 0) FROM transfers",
               0, NULL);
    else if ((name = request_name(request, "GET", "/accounts/", "")) != NULL)
        simple(answer, true, 200, "SELECT id, balance, owner FROM accounts WHERE id = $1", 1,
               &name);
    else if ((name = request_name(request, "POST", "/accounts/", "/freeze")) != NULL)
        freeze(answer, name);
    else if ((name = request_name(request, "GET", "/accounts/", "/transfers")) != NULL)
        history(request, answer, name);
    else
        answer_error(answer, 404, "not-found");
}

bool app_start(void)
{
    const char *size = getenv("POOL_SIZE");
    sem_init(&connections, 0, size != NULL ? (unsigned)atoi(size) : 4);
    PGconn *database = PQconnectdb(getenv("DATABASE_URL"));
    PGresult *result = PQexec(database, schema);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!good)
        fprintf(stderr, "%s", PQerrorMessage(database));
    PQclear(result);
    PQfinish(database);
    return good;
}

void app_stop(void)
{
    sem_destroy(&connections);
}
