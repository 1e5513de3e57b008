// SPDX-License-Identifier: 0BSD
/*
 * A bank over HTTP whose accounts live in PostgreSQL: lab sql-transactions.
 *
 * `lab lesson` explains a step, `lab check` tries your program, `lab hint STEP` helps when you are
 * stuck. http.h says what you are given: how to read a request and how to write an answer.
 */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

// TODO (step connect): the statements that make the two tables.

static void health(const struct request *request, struct answer *answer)
{
    (void)request;
    // TODO (step connect): connect to what DATABASE_URL names with PQconnectdb(), ask for
    // SELECT 'ok' with PQexecParams(), and write what comes back with answer_text() and
    // answer_end_row(). PQclear() the result, PQfinish() the connection.
    answer_error(answer, 503, "try-again");
}

// Called for each request, by several threads at the same time.
void app_answer(const struct request *request, struct answer *answer)
{
    if (request_is(request, "GET", "/health"))
        health(request, answer);
    // TODO (step accounts): POST /accounts, GET /accounts, GET /accounts/ID
    // TODO (step transfer): POST /transfers
    else
        answer_error(answer, 404, "not-found");
}

// Called once, before the server listens.
bool app_start(void)
{
    // TODO (step connect): make the tables that are not there yet.
    return true;
}

// Called once, when the server ends.
void app_stop(void)
{
}
