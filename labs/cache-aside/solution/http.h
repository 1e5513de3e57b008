// SPDX-License-Identifier: 0BSD
/*
 * The HTTP side of the program, given by the lab: http.c has main(), the server (libmicrohttpd) and
 * its threads. You write the three functions of the first part, and call those of the others.
 *
 * A page is what a request is answered with, wherever it comes from: the origin, Redis, or you.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct request;

struct page {
    int status;    // 200, 404, …
    char *fields;  // a line for each, "Name: value\n"; NULL: there are none
    char *body;    // bytes of any value; NULL: there are none
    size_t length; // how many
};

// ---- what you write

// Called once, before the server listens. False: the program ends with status 1.
bool app_start(void);
// Called for each request, in the thread of its connection, so for a hundred at the same time.
// Fills `answer`, which is all zeros; http.c sends it and frees what it holds.
void app_answer(const struct request *request, struct page *answer);
// Called once, after SIGTERM, when no request is being answered any more.
void app_stop(void);

// ---- the request; what is returned lives until app_answer returns

// "GET", "PUT", … (HEAD is told as "GET"; http.c leaves out the body.)
const char *request_method(const struct request *request);
// Path and query as they were sent: "/books/7?lang=en".
const char *request_target(const struct request *request);
// The body and its length; "" and 0 when there is none.
const char *request_body(const struct request *request, size_t *out_length);
// The value of Content-Type, or NULL.
const char *request_type(const struct request *request);

// ---- pages

// Fills an empty page with a status and one line of text.
void page_text(struct page *page, int status, const char *text);
// A page of its own with the same content.
struct page page_copy(const struct page *page);
// Frees what the page holds; it is empty then.
void page_free(struct page *page);

#endif
