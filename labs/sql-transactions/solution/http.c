// SPDX-License-Identifier: 0BSD
#define _GNU_SOURCE // vasprintf, strsep
// The HTTP half of the server; see http.h. One thread of libmicrohttpd reads and writes, and hands
// whole requests to a row from which HTTP_THREADS threads take them.
#include "http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MOST = 65536, VALUES_MOST = 16 };

struct value {
    char *name, *text;
};

struct http_request {
    struct MHD_Connection *connection;
    char *method, *path;
    char *body;
    size_t body_length;
    struct value values[VALUES_MOST];
    size_t value_count;
    bool is_answered;
    int status;
    char *answer;
    struct http_request *next;
};

static void (*handler)(struct http_request *);
static pthread_mutex_t row_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t row_changed = PTHREAD_COND_INITIALIZER;
static struct http_request *row_first, **row_end = &row_first;
static bool row_is_closed;

const char *http_method(const struct http_request *request)
{
    return request->method;
}

const char *http_path(const struct http_request *request)
{
    return request->path;
}

const char *http_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_value(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->value_count; i++)
        if (strcmp(request->values[i].name, name) == 0)
            return request->values[i].text;
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

void http_answer(struct http_request *request, int status, const char *format, ...)
{
    va_list arguments;
    free(request->answer);
    va_start(arguments, format);
    if (vasprintf(&request->answer, format, arguments) < 0)
        abort();
    va_end(arguments);
    request->status = status;
}

// "a+b%21" becomes "a b!", in place.
static void decode(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if (*c == '+')
            *c = ' ';
    MHD_http_unescape(text);
}

// Takes a form apart: "owner=ada&balance=5".
static void read_form(struct http_request *request)
{
    char *rest = request->body;
    while (rest != NULL && request->value_count < VALUES_MOST) {
        char *text = strsep(&rest, "&");
        char *name = strsep(&text, "=");
        if (text == NULL)
            continue;
        decode(name);
        decode(text);
        request->values[request->value_count++] = (struct value){name, text};
    }
}

static void *work(void *unused)
{
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&row_lock);
        while (row_first == NULL && !row_is_closed)
            pthread_cond_wait(&row_changed, &row_lock);
        struct http_request *request = row_first;
        if (request != NULL) {
            row_first = request->next;
            if (row_first == NULL)
                row_end = &row_first;
        }
        pthread_mutex_unlock(&row_lock);
        if (request == NULL)
            return NULL;
        handler(request);
        request->is_answered = true;
        MHD_resume_connection(request->connection);
    }
}

static void line_up(struct http_request *request)
{
    MHD_suspend_connection(request->connection);
    pthread_mutex_lock(&row_lock);
    *row_end = request;
    row_end = &request->next;
    pthread_cond_signal(&row_changed);
    pthread_mutex_unlock(&row_lock);
}

static enum MHD_Result send_answer(struct http_request *request)
{
    const char *text = request->answer != NULL ? request->answer : "";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    int status = request->status != 0 ? request->status : MHD_HTTP_INTERNAL_SERVER_ERROR;
    enum MHD_Result result =
        MHD_queue_response(request->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

// libmicrohttpd calls this when a head is there, for each part of the body, at the end of the body,
// and again when the request has been answered.
static enum MHD_Result on_request(void *unused, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *part,
                                  size_t *part_length, void **context)
{
    (void)unused, (void)version;
    struct http_request *request = *context;
    if (request == NULL) {
        request = calloc(1, sizeof *request);
        if (request == NULL)
            return MHD_NO;
        request->connection = connection;
        request->method = strdup(method);
        request->path = strdup(path);
        request->body = calloc(1, BODY_MOST + 1);
        *context = request;
        return MHD_YES;
    }
    if (*part_length > 0) {
        size_t room = BODY_MOST - request->body_length;
        size_t taken = *part_length < room ? *part_length : room;
        memcpy(request->body + request->body_length, part, taken);
        request->body_length += taken;
        *part_length = 0;
        return MHD_YES;
    }
    if (!request->is_answered) {
        read_form(request);
        line_up(request);
        return MHD_YES;
    }
    return send_answer(request);
}

static void on_end(void *unused, struct MHD_Connection *connection, void **context,
                   enum MHD_RequestTerminationCode why)
{
    (void)unused, (void)connection, (void)why;
    struct http_request *request = *context;
    if (request == NULL)
        return;
    free(request->method);
    free(request->path);
    free(request->body);
    free(request->answer);
    free(request);
    *context = NULL;
}

int http_serve(void (*handle)(struct http_request *request))
{
    pthread_t threads[HTTP_THREADS];
    sigset_t ending;
    int signal_number;
    const char *port = getenv("PORT");
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((in_port_t)atoi(port != NULL ? port : "8080")),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    // Blocked before any thread begins, so that sigwait() below alone gets them.
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, NULL);
    signal(SIGPIPE, SIG_IGN);

    handler = handle;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, NULL,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
        MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
    if (daemon == NULL) {
        perror("http: the port cannot be had");
        return -1;
    }
    for (int i = 0; i < HTTP_THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            abort();
    sigwait(&ending, &signal_number);
    pthread_mutex_lock(&row_lock);
    row_is_closed = true;
    pthread_cond_broadcast(&row_changed);
    pthread_mutex_unlock(&row_lock);
    for (int i = 0; i < HTTP_THREADS; i++)
        pthread_join(threads[i], NULL);
    MHD_stop_daemon(daemon);
    return 0;
}
