// SPDX-License-Identifier: 0BSD
// The HTTP side, given by the lab: a server on 127.0.0.1:$PORT that hands each request to
// app_answer(), in a thread for each connection, until SIGTERM.
#include "http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MOST = 1 << 20 };

struct request {
    char *target, *method, *type;
    char *body;
    size_t length;
    bool begun;
};

static void *need(void *memory)
{
    if (memory == NULL)
        abort(); // out of memory
    return memory;
}

// ---------------------------------------------------------------- the request

const char *request_method(const struct request *request)
{
    return strcmp(request->method, "HEAD") == 0 ? "GET" : request->method;
}

const char *request_target(const struct request *request)
{
    return request->target;
}

const char *request_body(const struct request *request, size_t *out_length)
{
    *out_length = request->length;
    return request->body != NULL ? request->body : "";
}

const char *request_type(const struct request *request)
{
    return request->type;
}

// Called by libmicrohttpd with the target as it was sent, before anything else.
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    (void)context, (void)connection;
    struct request *request = need(calloc(1, sizeof *request));
    request->target = need(strdup(target));
    return request;
}

static void take_body(struct request *request, const char *data, size_t size)
{
    if (request->length + size <= BODY_MOST) {
        request->body = need(realloc(request->body, request->length + size + 1));
        memcpy(request->body + request->length, data, size);
        request->body[request->length + size] = '\0';
    }
    request->length += size;
}

// ---------------------------------------------------------------- pages

void page_text(struct page *page, int status, const char *text)
{
    page->status = status;
    page->fields = need(strdup("Content-Type: text/plain\n"));
    page->length = strlen(text) + 1;
    page->body = need(malloc(page->length + 1));
    snprintf(page->body, page->length + 1, "%s\n", text);
}

struct page page_copy(const struct page *page)
{
    struct page copy = {.status = page->status, .length = page->length};
    if (page->fields != NULL)
        copy.fields = need(strdup(page->fields));
    copy.body = need(malloc(page->length + 1));
    if (page->length > 0)
        memcpy(copy.body, page->body, page->length);
    return copy;
}

void page_free(struct page *page)
{
    free(page->fields);
    free(page->body);
    *page = (struct page){0};
}

// ---------------------------------------------------------------- the answer

static void add_fields(struct MHD_Response *response, const char *fields)
{
    char *copy = need(strdup(fields)), *rest = copy, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        char *value = strchr(line, ':');
        if (value == NULL)
            continue;
        *value++ = '\0';
        MHD_add_response_header(response, line, value + strspn(value, " "));
    }
    free(copy);
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct request *request)
{
    struct page page = {0};
    if (request->length > BODY_MOST)
        page_text(&page, 413, "the body is too large");
    else
        app_answer(request, &page);
    if (page.status < 200 || page.status > 599) {
        fprintf(stderr, "app_answer: %d is no status of an answer\n", page.status);
        page_free(&page);
        page_text(&page, 500, "the program gave no answer");
    }
    struct MHD_Response *response =
        need(MHD_create_response_from_buffer(page.length, page.body, MHD_RESPMEM_MUST_COPY));
    if (page.fields != NULL)
        add_fields(response, page.fields);
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)page.status, response);
    MHD_destroy_response(response);
    page_free(&page);
    return result;
}

// Called by libmicrohttpd: once with a request's head, then with each part of its body, then at its
// end.
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *size, void **state)
{
    (void)context, (void)path, (void)version;
    struct request *request = *state;
    if (!request->begun) {
        const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
        request->begun = true;
        request->method = need(strdup(method));
        request->type = type != NULL ? need(strdup(type)) : NULL;
        return MHD_YES;
    }
    if (*size > 0) {
        take_body(request, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return send_answer(connection, request);
}

static void on_end(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void)context, (void)connection, (void)code;
    struct request *request = *state;
    if (request != NULL) {
        free(request->target);
        free(request->method);
        free(request->type);
        free(request->body);
        free(request);
    }
    *state = NULL;
}

int main(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); // in the server's threads too: sigwait() takes them
    signal(SIGPIPE, SIG_IGN);                // whoever has left is seen at the next call
    if (!app_start())
        return 1;
    const char *port = getenv("PORT");
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port != NULL ? (uint16_t)atoi(port) : 8080),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0, NULL,
        NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, 256u, MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
    if (daemon == NULL) {
        perror("http");
        return 1;
    }
    int signal_number;
    sigwait(&ends, &signal_number);
    MHD_stop_daemon(daemon);
    app_stop();
    return 0;
}
