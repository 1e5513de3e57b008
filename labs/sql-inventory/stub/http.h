// SPDX-License-Identifier: 0BSD
/*
 * The HTTP side of the program, given by the lab: http.c has main(), the server (libmicrohttpd) and
 * its threads. You write the three functions of the first part, and call those of the others.
 *
 * A request carries its data as form fields, in the query or in the body:
 *
 *     curl -d sku=bolt -d stock=7 localhost:8080/items
 *
 * An answer is a status and rows: a line each, a tab between two values. In a value a tab is
 * written \t, a line feed \n, a backslash \\, and NULL is \N.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stdint.h>

struct request;
struct answer;

// ---- what you write

// Called once, before the server listens. False: the program ends with status 1.
bool app_start(void);
// Called for each request, in one of eight threads, so for several requests at the same time.
// Without answer_status the answer is 200.
void app_answer(const struct request *request, struct answer *answer);
// Called once, after SIGTERM, when no request is being answered any more.
void app_stop(void);

// ---- the request; what is returned lives until app_answer returns

// "GET", "POST", …
const char *request_method(const struct request *request);
// "/items/bolt", without the query.
const char *request_path(const struct request *request);
// Method and path are these.
bool request_is(const struct request *request, const char *method, const char *path);
// The method is this one, and the path is `before`, one name, `after`: the name is returned, else
// NULL. request_name(request, "GET", "/items/", "") is "bolt" for GET /items/bolt.
const char *request_name(const struct request *request, const char *method, const char *before,
                         const char *after);
// The field of that name, or NULL. A field that was sent several times: index 0, 1, …
const char *request_field(const struct request *request, const char *name);
const char *request_field_at(const struct request *request, const char *name, int index);
// The same field as a whole number; false: it is not there, or no number of 64 bits.
bool request_integer(const struct request *request, const char *name, int64_t *out);
bool request_integer_at(const struct request *request, const char *name, int index, int64_t *out);

// ---- the answer

void answer_status(struct answer *answer, int status);
// Adds a value to the row that is being written. NULL is SQL's NULL.
void answer_text(struct answer *answer, const char *value);
void answer_integer(struct answer *answer, int64_t value);
// The row is whole.
void answer_end_row(struct answer *answer);
// Drops the rows written so far: the answer is this status, and one line that says why.
void answer_error(struct answer *answer, int status, const char *why);

#endif
