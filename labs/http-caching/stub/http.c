// SPDX-License-Identifier: 0BSD
// The HTTP side, given by the lab: a server on 127.0.0.1:$PORT that hands each request to
// app_answer(), in one thread, until SIGTERM. A request is handed on when it is whole, so a slow
// client holds up nobody.
#include "http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BODY_MOST = 1 << 20 };

// The fields of one name, put together: what request_header() returned.
struct joined {
    const char *name;
    char *value; // NULL: none was there yet
    struct joined *next;
};

struct request {
    struct MHD_Connection *connection;
    char *target, *method;
    struct joined *joined;
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
    return request->method;
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

static enum MHD_Result join_field(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind;
    struct joined *joined = context;
    if (strcasecmp(name, joined->name) != 0 || value == NULL)
        return MHD_YES;
    size_t old = joined->value != NULL ? strlen(joined->value) + 2 : 0, more = strlen(value) + 1;
    joined->value = need(realloc(joined->value, old + more));
    if (old > 0)
        memcpy(joined->value + old - 2, ", ", 2);
    memcpy(joined->value + old, value, more);
    return MHD_YES;
}

const char *request_header(const struct request *request, const char *name)
{
    struct request *own = (struct request *)request;
    struct joined *joined = need(calloc(1, sizeof *joined));
    joined->name = name;
    joined->next = own->joined;
    own->joined = joined; // kept, and freed with the request
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, join_field, joined);
    return joined->value;
}

// Called by libmicrohttpd with the target as it was sent, before anything else.
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    (void)context;
    struct request *request = need(calloc(1, sizeof *request));
    request->connection = connection;
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
    page_field(page, "Content-Type: text/plain");
    page->length = strlen(text) + 1;
    page->body = need(malloc(page->length + 1));
    snprintf(page->body, page->length + 1, "%s\n", text);
}

void page_field(struct page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t old = page->fields != NULL ? strlen(page->fields) : 0;
    page->fields = need(realloc(page->fields, old + (size_t)more + 2));
    va_start(arguments, format);
    vsnprintf(page->fields + old, (size_t)more + 1, format, arguments);
    va_end(arguments);
    memcpy(page->fields + old + more, "\n", 2);
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

static struct MHD_Response *response_of(const struct page *page)
{
    return need(MHD_create_response_from_buffer(page->length, page->body, MHD_RESPMEM_MUST_COPY));
}

static ssize_t no_body(void *context, uint64_t position, char *buffer, size_t most)
{
    (void)context, (void)position, (void)buffer, (void)most;
    return MHD_CONTENT_READER_END_OF_STREAM;
}

// A 304 has no Content-Length but that of what the client has already (RFC 9110 8.6).
// libmicrohttpd would send one of 0; so it is told to send none, and then it ends the connection.
static struct MHD_Response *response_304(void)
{
    struct MHD_Response *response =
        need(MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1, no_body, NULL, NULL));
    MHD_set_response_options(response, MHD_RF_HTTP_VERSION_1_0_ONLY, MHD_RO_END);
    return response;
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
    struct MHD_Response *response = page.status == 304 ? response_304() : response_of(&page);
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
        request->begun = true;
        request->method = need(strdup(method));
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
        while (request->joined != NULL) {
            struct joined *joined = request->joined;
            request->joined = joined->next;
            free(joined->value);
            free(joined);
        }
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
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
        MHD_OPTION_END);
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
