// SPDX-License-Identifier: 0BSD
/*
 * The HTTP half of the server, given: libmicrohttpd reads requests and sends answers, so that
 * server.c is about the database. Each request is handed to one function of yours, in one of
 * HTTP_THREADS threads; so several of your calls run at the same time.
 */
#ifndef HTTP_H
#define HTTP_H

enum { HTTP_THREADS = 16 };

struct http_request;

// "GET", "POST"
const char *http_method(const struct http_request *request);
// "/accounts/17", with %20 and the like decoded, without the query
const char *http_path(const struct http_request *request);
// A value by its name: from a form in the body, or from the query ("?limit=5"); NULL: not there.
const char *http_value(const struct http_request *request, const char *name);
// A header field by its name in any letter case; NULL: not there.
const char *http_header(const struct http_request *request, const char *name);

// The answer: a status and a text, as printf has it. The last call counts.
void http_answer(struct http_request *request, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Serves on 127.0.0.1, at the port that $PORT names, until SIGTERM or SIGINT, and lets running
// requests end. Returns 0, or -1 when the port cannot be had.
int http_serve(void (*handle)(struct http_request *request));

#endif
