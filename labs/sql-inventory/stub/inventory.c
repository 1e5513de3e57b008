// SPDX-License-Identifier: 0BSD
/*
 * An inventory: items, suppliers, orders. Lab sql-inventory.
 *
 * `lab lesson` explains a step, `lab check` tries your program. http.h says what a request and an
 * answer are. Each request opens a connection to the database of its own.
 */
#include <stdio.h>

#include "http.h"
#include "schema.h"

// Your functions go here, one for each kind of request.

static void route(sqlite3 *database, const struct request *request, struct answer *answer)
{
    (void)database;
    if (request_is(request, "POST", "/items"))
        answer_error(answer, 501, "this is step insert");
    else
        answer_error(answer, 404, "there is nothing here");
}

bool app_start(void)
{
    sqlite3 *database = database_open();
    if (database == NULL) {
        fprintf(stderr, "the database cannot be opened\n");
        return false;
    }
    bool ready = schema_prepare(database);
    sqlite3_close(database);
    return ready;
}

void app_answer(const struct request *request, struct answer *answer)
{
    sqlite3 *database = database_open();
    if (database == NULL) {
        answer_error(answer, 500, "the database cannot be opened");
        return;
    }
    route(database, request, answer);
    sqlite3_close(database);
}

void app_stop(void)
{
}
