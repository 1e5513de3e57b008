// SPDX-License-Identifier: 0BSD
/*
 * The HTTP side of the program, given by the lab: http.c has main(), the server (libmicrohttpd) and
 * one thread for all. You write the three functions of the first part, and call those of the
 * others.
 *
 * A page is what a request is answered with.
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
// Called for each request, one after the other, never two at the same time. Fills `answer`, which
// is all zeros; http.c sends it and frees what it holds. It adds Date and Content-Length, and sends
// no body where there is none: to HEAD, with 304 and with 204, whatever the page holds.
void app_answer(const struct request *request, struct page *answer);
// Called once, after SIGTERM, when no request is being answered any more.
void app_stop(void);

// ---- the request; what is returned lives until app_answer returns

// "GET", "HEAD", "PUT", …
const char *request_method(const struct request *request);
// Path and query as they were sent: "/books/7?lang=en".
const char *request_target(const struct request *request);
// The body and its length; "" and 0 when there is none.
const char *request_body(const struct request *request, size_t *out_length);
// The value of a header field by its name, in any letter case, or NULL. A field that was sent
// several times is one list: its values with ", " between them (RFC 9110 5.3).
const char *request_header(const struct request *request, const char *name);

// ---- pages

// Fills an empty page with a status and one line of text.
void page_text(struct page *page, int status, const char *text);
// Adds a field to it. printf format: page_field(page, "Content-Type: %s", type).
void page_field(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A page of its own with the same content.
struct page page_copy(const struct page *page);
// Frees what the page holds; it is empty then.
void page_free(struct page *page);

#endif
