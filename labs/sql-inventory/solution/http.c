// SPDX-License-Identifier: 0BSD
// The HTTP side, given by the lab: a server on 127.0.0.1:$PORT that hands each request to
// app_answer(), in one of eight threads, until SIGTERM.
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, BODY_MOST = 1 << 20 };

struct field {
    char *name, *value;
    struct field *next;
};

struct request {
    const char *method, *path;
    struct field *fields, **last;
    char *part; // of the path: what request_name() returned
    struct MHD_PostProcessor *form;
    size_t body;
};

struct answer {
    int status;
    bool in_row;
    FILE *stream; // writes to text
    char *text;
    size_t length;
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

const char *request_path(const struct request *request)
{
    return request->path;
}

bool request_is(const struct request *request, const char *method, const char *path)
{
    return strcmp(request->method, method) == 0 && strcmp(request->path, path) == 0;
}

const char *request_name(const struct request *request, const char *method, const char *before,
                         const char *after)
{
    size_t whole = strlen(request->path), head = strlen(before), tail = strlen(after);
    if (strcmp(request->method, method) != 0 || whole <= head + tail ||
        strncmp(request->path, before, head) != 0 ||
        strcmp(request->path + whole - tail, after) != 0)
        return NULL;
    char *name = need(strndup(request->path + head, whole - head - tail));
    if (strchr(name, '/') != NULL) {
        free(name);
        return NULL;
    }
    struct request *own = (struct request *)request;
    free(own->part);
    return own->part = name;
}

const char *request_field_at(const struct request *request, const char *name, int index)
{
    for (const struct field *field = request->fields; field != NULL; field = field->next)
        if (strcmp(field->name, name) == 0 && index-- == 0)
            return field->value;
    return NULL;
}

const char *request_field(const struct request *request, const char *name)
{
    return request_field_at(request, name, 0);
}

bool request_integer_at(const struct request *request, const char *name, int index, int64_t *out)
{
    const char *text = request_field_at(request, name, index);
    if (text == NULL || *text == '\0' || strspn(text, "-0123456789") != strlen(text))
        return false;
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0';
}

bool request_integer(const struct request *request, const char *name, int64_t *out)
{
    return request_integer_at(request, name, 0, out);
}

static void field_add(struct request *request, const char *name, const char *value)
{
    struct field *field = need(calloc(1, sizeof *field));
    field->name = need(strdup(name));
    field->value = need(strdup(value));
    *request->last = field;
    request->last = &field->next;
}

// A part of the query. A value may be missing: "?name".
static enum MHD_Result take_query(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind;
    field_add(context, name, value != NULL ? value : "");
    return MHD_YES;
}

// A part of a field in the body; a long value comes in several parts.
static enum MHD_Result take_body(void *context, enum MHD_ValueKind kind, const char *name,
                                 const char *file, const char *type, const char *encoding,
                                 const char *data, uint64_t offset, size_t size)
{
    (void)kind, (void)file, (void)type, (void)encoding;
    struct request *request = context;
    if (offset == 0)
        field_add(request, name, "");
    struct field *field = request->fields;
    while (field != NULL && field->next != NULL)
        field = field->next;
    if (field == NULL)
        return MHD_NO;
    field->value = need(realloc(field->value, offset + size + 1));
    if (size > 0)
        memcpy(field->value + offset, data, size);
    field->value[offset + size] = '\0';
    return MHD_YES;
}

static struct request *request_new(struct MHD_Connection *connection, const char *method)
{
    struct request *request = need(calloc(1, sizeof *request));
    request->last = &request->fields;
    request->method = need(strdup(method));
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_query, request);
    request->form = MHD_create_post_processor(connection, 4096, take_body, request);
    return request;
}

static void request_free(struct request *request)
{
    if (request->form != NULL)
        MHD_destroy_post_processor(request->form);
    while (request->fields != NULL) {
        struct field *field = request->fields;
        request->fields = field->next;
        free(field->name);
        free(field->value);
        free(field);
    }
    free(request->part);
    free((char *)request->method);
    free(request);
}

// ---------------------------------------------------------------- the answer

static void answer_open(struct answer *answer)
{
    *answer = (struct answer){.status = 200};
    answer->stream = need(open_memstream(&answer->text, &answer->length));
}

void answer_status(struct answer *answer, int status)
{
    answer->status = status;
}

static void value_begin(struct answer *answer)
{
    if (answer->in_row)
        fputc('\t', answer->stream);
    answer->in_row = true;
}

void answer_text(struct answer *answer, const char *value)
{
    value_begin(answer);
    if (value == NULL) {
        fputs("\\N", answer->stream);
        return;
    }
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\t')
            fputs("\\t", answer->stream);
        else if (*c == '\n')
            fputs("\\n", answer->stream);
        else if (*c == '\\')
            fputs("\\\\", answer->stream);
        else
            fputc(*c, answer->stream);
    }
}

void answer_integer(struct answer *answer, int64_t value)
{
    value_begin(answer);
    fprintf(answer->stream, "%lld", (long long)value);
}

void answer_end_row(struct answer *answer)
{
    fputc('\n', answer->stream);
    answer->in_row = false;
}

void answer_error(struct answer *answer, int status, const char *why)
{
    fclose(answer->stream);
    free(answer->text);
    answer_open(answer);
    answer->status = status;
    fprintf(answer->stream, "error: %s\n", why);
}

// ---------------------------------------------------------------- the server

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct request *request)
{
    struct answer answer;
    answer_open(&answer);
    if (request->body > BODY_MOST)
        answer_error(&answer, 413, "the body is too large");
    else
        app_answer(request, &answer);
    fclose(answer.stream);
    if (answer.status == 204)
        answer.length = 0;
    struct MHD_Response *response =
        need(MHD_create_response_from_buffer(answer.length, answer.text, MHD_RESPMEM_MUST_FREE));
    if (answer.status != 204)
        MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)answer.status, response);
    MHD_destroy_response(response);
    return result;
}

// Called by libmicrohttpd: once with a request's head, then with each part of its body, then at its
// end.
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *size, void **state)
{
    (void)context, (void)version;
    struct request *request = *state;
    if (request == NULL) {
        *state = request_new(connection, method);
        return MHD_YES;
    }
    if (*size > 0) {
        request->body += *size;
        if (request->form != NULL && request->body <= BODY_MOST)
            MHD_post_process(request->form, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (request->form != NULL) { // its last field is whole now
        MHD_destroy_post_processor(request->form);
        request->form = NULL;
    }
    request->path = path;
    return send_answer(connection, request);
}

static void on_end(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void)context, (void)connection, (void)code;
    if (*state != NULL)
        request_free(*state);
    *state = NULL;
}

int main(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); // in the server's threads too: sigwait() takes them
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
        (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
        MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
    if (daemon == NULL) {
        perror("http");
        return 1;
    }
    int signal;
    sigwait(&ends, &signal);
    MHD_stop_daemon(daemon);
    app_stop();
    return 0;
}
