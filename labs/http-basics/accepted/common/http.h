// SPDX-License-Identifier: MIT
/*
 * All of http-basics but the sockets, for the accepted programs: what came from a client is pushed
 * in, what must go to it is taken out. The program alone decides how it waits, reads and writes.
 *
 *   http_configure()                 once, from the environment
 *   struct http_client client = {0}  for each connection, then
 *   http_feed()                      eats what was received, up to the first thing to send
 *   http_pending(), http_sent()      until nothing is pending; only then feed on
 *   http_is_over()                   true: close, with the care that server.h takes
 *   http_limit_ms(), http_expire()   how long to wait for the client, and what to do then
 *   http_release()                   at the end
 */
#ifndef ACCEPTED_HTTP_H
#define ACCEPTED_HTTP_H

#include "output.h"
#include "request.h"
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { HTTP_IDLE_MS = 60000, HTTP_FIELDS = 12 };

/* A head on its way out, before it is written. */
struct http_head {
    int status;
    const char *reason;
    struct {
        const char *name;
        char value[96];
    } fields[HTTP_FIELDS];
    size_t count;
};

/* Set before the first client, read-only from then on. */
static struct http_site {
    int folder;                                                          /* FILES_DIR */
    int timeout_ms;                                                      /* REQUEST_TIMEOUT_MS */
    void (*write_head)(struct bytes *out, const struct http_head *head); /* may be replaced */
} http_site;

struct http_client {
    struct request request;
    struct output output;
    struct http_head head; /* of the answer that is being made */
    int upload;            /* the file that takes the body, when has_upload */
    char upload_name[64];
    bool has_upload;
    int early_status;        /* the answer was decided at the head's end; 0: it was not */
    const char *early_allow; /* with 405 */
    bool is_over;            /* no further request; close when all is sent */
};

/* A path, or the beginning of one when `is_prefix`, and what can be done with it. */
struct http_route {
    const char *path;
    bool is_prefix;
    const char *allow;
    void (*get)(struct http_client *client, const char *rest, size_t size);
    void (*post)(struct http_client *client, const char *rest, size_t size);
};

/* ---- writing an answer ---- */

static inline const char *http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {206, "Partial Content"},
        {400, "Bad Request"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {416, "Range Not Satisfiable"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unnamed";
}

static inline void http_write_head(struct bytes *out, const struct http_head *head)
{
    bytes_print(out, "HTTP/1.1 %d %s\r\n", head->status, head->reason);
    for (size_t i = 0; i < head->count; i++)
        bytes_print(out, "%s: %s\r\n", head->fields[i].name, head->fields[i].value);
    bytes_print(out, "\r\n");
}

static inline void http_begin(struct http_client *client, int status)
{
    client->head = (struct http_head){.status = status, .reason = http_reason(status)};
}

__attribute__((format(printf, 3, 4))) static inline void
http_field(struct http_client *client, const char *name, const char *format, ...)
{
    struct http_head *head = &client->head;
    if (head->count == HTTP_FIELDS)
        abort();
    head->fields[head->count].name = name;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(head->fields[head->count].value, sizeof head->fields->value, format, arguments);
    va_end(arguments);
    head->count++;
}

static inline bool http_is_head(const struct http_client *client)
{
    return client->request.method.size && !strcmp(client->request.method.at, "HEAD");
}

/* All fields are there: write the head. */
static inline void http_end_head(struct http_client *client)
{
    if (client->is_over)
        http_field(client, "Connection", "close");
    http_site.write_head(&client->output.bytes, &client->head);
}

static inline void http_text(struct http_client *client, const char *text, size_t size)
{
    http_field(client, "Content-Type", "text/plain; charset=utf-8");
    http_field(client, "Content-Length", "%zu", size);
    http_end_head(client);
    if (!http_is_head(client))
        bytes_add(&client->output.bytes, text, size);
}

/* An answer that says no more than its status. */
static inline void http_plain(struct http_client *client, int status, const char *allow)
{
    char text[64];
    http_begin(client, status);
    if (allow)
        http_field(client, "Allow", "%s", allow);
    int size = snprintf(text, sizeof text, "%d %s\n", status, http_reason(status));
    http_text(client, text, (size_t)size);
}

/* ---- routes ---- */

static inline void http_get_root(struct http_client *client, const char *rest, size_t size)
{
    static const char greeting[] = "It works.\n";
    (void)rest, (void)size;
    http_begin(client, 200);
    http_text(client, greeting, sizeof greeting - 1);
}

static inline void http_get_echo(struct http_client *client, const char *rest, size_t size)
{
    http_begin(client, 200);
    http_text(client, rest, size);
}

static inline void http_get_user_agent(struct http_client *client, const char *rest, size_t size)
{
    (void)rest, (void)size;
    http_begin(client, 200);
    http_text(client, client->request.user_agent.at, client->request.user_agent.size);
}

/* A name inside the folder: nothing that leads anywhere else. */
static inline bool http_is_file_name(const char *name, size_t size)
{
    return size > 0 && size < 256 && !memchr(name, '/', size) && !memchr(name, '\0', size) &&
           strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static inline const char *http_file_type(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".txt", "text/plain; charset=utf-8"},
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css"},
        {".json", "application/json"},
        {".png", "image/png"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (!strcasecmp(dot, types[i].ending))
            return types[i].type;
    return "application/octet-stream";
}

/* RFC 9110 12.4.2: does the element's weight say "not at all"? */
static inline bool http_weight_is_zero(const char *element, size_t size)
{
    const char *semicolon = memchr(element, ';', size);
    if (!semicolon)
        return false;
    const char *at = semicolon + 1 + strspn(semicolon + 1, " \t");
    const char *end = element + size;
    if (end - at < 3 || (*at != 'q' && *at != 'Q') || at[1] != '=')
        return false;
    return strspn(at + 2, "0.") == (size_t)(end - at - 2);
}

static inline bool http_accepts_gzip(const struct request *request)
{
    enum { UNSAID, NO, YES } gzip = UNSAID, others = UNSAID;
    const char *list = request->accept_encoding.size ? request->accept_encoding.at : "";
    const char *element;
    size_t size;
    while (list_next(&list, &element, &size)) {
        size_t name = strcspn(element, "; \t,");
        bool is_no = http_weight_is_zero(element, size);
        if (is_word(element, name, "gzip") || is_word(element, name, "x-gzip"))
            gzip = is_no ? NO : YES;
        else if (is_word(element, name, "*"))
            others = is_no ? NO : YES;
    }
    return gzip == YES || (gzip == UNSAID && others == YES);
}

enum http_part { HTTP_WHOLE, HTTP_PART, HTTP_NO_PART };

/* Digits at `*at`; a number that does not fit is as large as can be. False: no digit there. */
static inline bool http_number(const char **at, uint64_t *number)
{
    const char *start = *at;
    for (*number = 0; isdigit((unsigned char)**at); (*at)++)
        if (!number_add(number, 10, **at))
            *number = UINT64_MAX;
    return *at > start;
}

/* RFC 9110 14.1.2: which part of `size` bytes is asked for? Whatever is odd means all of it.
 * `*first` and `*last` count only with HTTP_PART. */
static inline enum http_part http_find_part(const char *range, uint64_t size, uint64_t *first,
                                            uint64_t *last)
{
    if (strncasecmp(range, "bytes=", 6) != 0)
        return HTTP_WHOLE;
    const char *at = range + 6;
    uint64_t suffix;

    if (*at == '-') {
        at++;
        if (!http_number(&at, &suffix) || *at)
            return HTTP_WHOLE;
        if (!suffix || !size)
            return HTTP_NO_PART;
        *first = suffix < size ? size - suffix : 0;
        *last = size - 1;
        return HTTP_PART;
    }
    if (!http_number(&at, first) || *at++ != '-')
        return HTTP_WHOLE;
    if (!http_number(&at, last))
        *last = UINT64_MAX;
    if (*at || *last < *first)
        return HTTP_WHOLE;
    if (*first >= size)
        return HTTP_NO_PART;
    if (*last >= size)
        *last = size - 1;
    return HTTP_PART;
}

static inline void http_send_file(struct http_client *client, int file, uint64_t size,
                                  const char *type)
{
    const struct request *request = &client->request;
    bool is_head = http_is_head(client);
    uint64_t first = 0, last = 0;
    enum http_part part = HTTP_WHOLE;

    /* No validators are sent, so no If-Range can match (RFC 9110 13.1.5). */
    if (request->has_range && !request->has_if_range && !is_head)
        part = http_find_part(request->range.at, size, &first, &last);
    bool is_text = !strncmp(type, "text/", 5);
    bool is_gzip = is_text && part == HTTP_WHOLE && !request->is_1_0 && http_accepts_gzip(request);

    http_begin(client, part == HTTP_WHOLE ? 200 : part == HTTP_PART ? 206 : 416);
    http_field(client, "Content-Type", "%s", type);
    if (is_text)
        http_field(client, "Vary", "Accept-Encoding");
    http_field(client, "Accept-Ranges", "bytes");
    if (part == HTTP_PART)
        http_field(client, "Content-Range", "bytes %ju-%ju/%ju", (uintmax_t)first, (uintmax_t)last,
                   (uintmax_t)size);
    else if (part == HTTP_NO_PART)
        http_field(client, "Content-Range", "bytes */%ju", (uintmax_t)size);
    uint64_t length = part == HTTP_WHOLE ? size : part == HTTP_PART ? last - first + 1 : 0;
    if (is_gzip) {
        http_field(client, "Content-Encoding", "gzip");
        http_field(client, "Transfer-Encoding", "chunked");
    } else {
        http_field(client, "Content-Length", "%ju", (uintmax_t)length);
    }
    http_end_head(client);

    if (is_head || (!is_gzip && !length))
        close(file);
    else if (is_gzip)
        output_compressed_file(&client->output, file);
    else
        output_file(&client->output, file, part == HTTP_PART ? (off_t)first : 0, length);
}

static inline void http_get_file(struct http_client *client, const char *rest, size_t size)
{
    struct stat about;
    int file = -1;
    /* O_NONBLOCK: a FIFO must not hold us up. */
    if (http_is_file_name(rest, size))
        file = openat(http_site.folder, rest, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file >= 0 && !fstat(file, &about) && S_ISREG(about.st_mode)) {
        http_send_file(client, file, (uint64_t)about.st_size, http_file_type(rest));
        return;
    }
    if (file >= 0)
        close(file);
    http_plain(client, 404, NULL);
}

/* The body goes to a file of another name first: nobody ever sees half of it. */
static inline bool http_open_upload(struct http_client *client)
{
    static atomic_uint count;
    snprintf(client->upload_name, sizeof client->upload_name, ".upload-%ld-%u", (long)getpid(),
             atomic_fetch_add(&count, 1));
    client->upload = openat(http_site.folder, client->upload_name,
                            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    client->has_upload = client->upload >= 0;
    return client->has_upload;
}

static inline void http_drop_upload(struct http_client *client)
{
    if (!client->has_upload)
        return;
    close(client->upload);
    unlinkat(http_site.folder, client->upload_name, 0);
    client->has_upload = false;
}

static inline void http_write_upload(struct http_client *client, const char *at, size_t size)
{
    while (client->has_upload && size) {
        ssize_t written = write(client->upload, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) { /* no room: the body is read on, and answered with 500 */
            http_drop_upload(client);
            client->early_status = 500;
            return;
        }
        at += written;
        size -= (size_t)written;
    }
}

/* link() fails when the name is taken, so of two clients at once only one is told 201. */
static inline void http_post_file(struct http_client *client, const char *rest, size_t size)
{
    const char *from = client->upload_name;
    int folder = http_site.folder;
    int status = 500;
    (void)size;

    if (!linkat(folder, from, folder, rest, 0))
        status = 201;
    else if (errno == EEXIST && !renameat(folder, from, folder, rest))
        status = 200;
    http_drop_upload(client);
    http_plain(client, status, NULL);
}

static const struct http_route http_routes[] = {
    {"/", false, "GET, HEAD", http_get_root, NULL},
    {"/echo/", true, "GET, HEAD", http_get_echo, NULL},
    {"/user-agent", false, "GET, HEAD", http_get_user_agent, NULL},
    {"/files/", true, "GET, HEAD, POST", http_get_file, http_post_file},
};

static inline const struct http_route *http_find_route(const struct request *request)
{
    for (size_t i = 0; i < sizeof http_routes / sizeof *http_routes; i++) {
        const struct http_route *route = &http_routes[i];
        size_t size = strlen(route->path);
        if (request->path.size < size || memcmp(request->path.at, route->path, size) != 0)
            continue;
        if (route->is_prefix || request->path.size == size)
            return route;
    }
    return NULL;
}

static inline bool http_is_known_method(const char *method)
{
    static const char *const known[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                        "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(method, known[i]))
            return true;
    return false;
}

/* ---- from events to answers ---- */

/* Break off: answer, then close. What the client still sends is of no interest. */
static inline void http_refuse(struct http_client *client, int status)
{
    http_drop_upload(client);
    client->is_over = true;
    http_plain(client, status, status == 405 ? client->early_allow : NULL);
}

/* At the head's end: what will be answered, as far as the body does not matter. */
static inline void http_decide(struct http_client *client)
{
    struct request *request = &client->request;
    const struct http_route *route = http_find_route(request);
    const char *method = request->method.at;
    const char *name = route ? request->path.at + strlen(route->path) : NULL;
    size_t size = route ? request->path.size - strlen(route->path) : 0;

    if (!http_is_known_method(method)) {
        client->early_status = 501;
    } else if (!route) {
        client->early_status = 404;
    } else if (!strcmp(method, "POST") && route->post) {
        if (!http_is_file_name(name, size))
            client->early_status = 404;
        else if (!http_open_upload(client))
            client->early_status = 500;
    } else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        client->early_status = 405;
        client->early_allow = route->allow;
    }
}

static inline void http_take_head(struct http_client *client, bool has_more)
{
    struct request *request = &client->request;
    http_decide(client);
    /* RFC 9110 10.1.1: a body that is already coming needs no 100 */
    if (!request->wants_continue || request->is_1_0 || !request_has_body(request) || has_more)
        return;
    if (client->early_status)
        http_refuse(client, client->early_status);
    else
        bytes_print(&client->output.bytes, "HTTP/1.1 100 Continue\r\n\r\n");
}

static inline void http_take_end(struct http_client *client)
{
    struct request *request = &client->request;
    client->is_over = request->wants_close || request->is_1_0;
    if (client->early_status) {
        http_plain(client, client->early_status, client->early_allow);
    } else {
        const struct http_route *route = http_find_route(request);
        const char *rest = request->path.at + strlen(route->path);
        size_t size = request->path.size - strlen(route->path);
        if (client->has_upload)
            route->post(client, rest, size);
        else
            route->get(client, rest, size);
    }
    client->early_status = 0;
    client->early_allow = NULL;
    request_reset(request);
}

/* ---- for the programs ---- */

/* Read the environment. Without PORT and FILES_DIR there is nothing to serve. */
static inline void http_configure(void)
{
    const char *folder = getenv("FILES_DIR");
    const char *timeout = getenv("REQUEST_TIMEOUT_MS");
    http_site.folder = open(folder ? folder : "", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (http_site.folder < 0) {
        perror("FILES_DIR");
        exit(EXIT_FAILURE);
    }
    http_site.timeout_ms = timeout ? atoi(timeout) : 30000;
    http_site.write_head = http_write_head;
}

/* Eat received bytes until there is something to send; returns how many were eaten. */
static inline size_t http_feed(struct http_client *client, const char *bytes, size_t size)
{
    size_t total = 0, eaten;
    while (!client->is_over && output_is_empty(&client->output)) {
        switch (request_next(&client->request, bytes + total, size - total, &eaten)) {
        case REQUEST_HUNGRY:
            return total + eaten;
        case REQUEST_HEAD:
            http_take_head(client, total + eaten < size);
            break;
        case REQUEST_BODY:
            http_write_upload(client, client->request.piece, client->request.piece_size);
            break;
        case REQUEST_END:
            http_take_end(client);
            break;
        case REQUEST_BAD:
            http_refuse(client, client->request.status);
            break;
        }
        total += eaten;
    }
    return client->is_over ? size : total;
}

/* What is to be sent next; 0 when there is nothing. */
static inline size_t http_pending(struct http_client *client, const char **at)
{
    size_t size = output_pending(&client->output, at);
    if (client->output.is_broken)
        client->is_over = true;
    return size;
}

static inline void http_sent(struct http_client *client, size_t size)
{
    output_sent(&client->output, size);
}

/* Everything was said: close. */
static inline bool http_is_over(const struct http_client *client)
{
    return client->is_over && output_is_empty(&client->output);
}

/* How long to wait for the client's next sign of life. */
static inline int http_limit_ms(const struct http_client *client)
{
    bool is_busy = request_is_begun(&client->request) || !output_is_empty(&client->output);
    return is_busy ? http_site.timeout_ms : HTTP_IDLE_MS;
}

/* The client let that time pass: a last answer if it still listens, and over. */
static inline void http_expire(struct http_client *client)
{
    if (!output_is_empty(&client->output))
        output_drop(&client->output);
    else if (request_is_begun(&client->request))
        http_refuse(client, 408);
    client->is_over = true;
}

static inline void http_release(struct http_client *client)
{
    http_drop_upload(client);
    output_release(&client->output);
    request_release(&client->request);
}

#endif
