// SPDX-License-Identifier: MIT
/*
 * A small HTTP/1.1 server: the solution of the lab http-basics.
 *
 * main() accepts connections and gives each client a thread. The thread runs
 * serve(): read a request, write the reply, send it, and again until one side
 * closes. Functions that read a request return false when it cannot be served;
 * client->status then says what to answer, 0 that there is nobody to answer.
 *
 * RFC 9110 says what requests and replies mean, RFC 9112 how they are written.
 */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum {
    HEAD_MAX = 32 * 1024,       // bytes in a request line and its fields
    BODY_MAX = 8 * 1024 * 1024, // bytes in a request's body
    PIECE = 16 * 1024,          // bytes asked of one recv()
    STACK_SIZE = 256 * 1024,    // bytes of stack for a thread
    LINGER_MS = 2000,           // how long to read on after the last reply
};

static const char *files_dir;
static int timeout_ms;

// ---- A buffer that grows. A zero byte, not counted, follows its contents. ----

struct buffer {
    char *data; // NULL before the first use
    size_t length;
    size_t room;
};

static void reserve(struct buffer *buffer, size_t extra)
{
    size_t needed = buffer->length + extra + 1;
    if (needed <= buffer->room)
        return;
    buffer->room = needed > 2 * buffer->room ? needed : 2 * buffer->room;
    buffer->data = realloc(buffer->data, buffer->room);
    if (buffer->data == NULL) {
        perror("realloc");
        exit(1);
    }
}

static void append(struct buffer *buffer, const char *data, size_t length)
{
    reserve(buffer, length);
    if (length > 0)
        memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

static void append_text(struct buffer *buffer, const char *text)
{
    append(buffer, text, strlen(text));
}

static void release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}

// ---- Small helpers for text. ----

// Reads digits; *end is where they end, text itself if there are none. What
// does not fit becomes UINT64_MAX. strtoull() alone would also take blanks,
// signs and "0x", which no number in HTTP has.
static uint64_t parse_number(char *text, int base, char **end)
{
    *end = text;
    bool has_prefix = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    if (!isxdigit((unsigned char)text[0]) || has_prefix)
        return 0;
    return strtoull(text, end, base);
}

// Names of methods and of fields are tokens (RFC 9110 5.6.2).
static bool is_token(const char *text)
{
    const char *c = text;
    while (isalnum((unsigned char)*c) || (*c && strchr("!#$%&'*+-.^_`|~", *c)))
        c++;
    return c > text && *c == '\0';
}

// Turns each %41 into its byte, in place: the text only gets shorter. "+" stays
// "+"; it means a blank in HTML forms, not in a path (RFC 3986 2.1).
static bool decode_percent(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        char byte = *from;
        if (byte == '%') {
            char hex[] = {from[1], from[1] == '\0' ? '\0' : from[2], '\0'};
            char *end;
            byte = (char)parse_number(hex, 16, &end);
            if (end != hex + 2 || byte == '\0') // no zero byte in C's text
                return false;
            from += 2;
        }
        *to++ = byte;
    }
    *to = '\0';
    return true;
}

// What the list "gzip;q=0.5, br" says about a name: its weight from 0 to 1,
// where 1 need not be written (RFC 9110 12.4.2), or -1 if it is not there.
static double weight_in_list(const char *list, const char *name)
{
    while (list != NULL && *list != '\0') {
        list += strspn(list, ", \t");
        size_t end = strcspn(list, ",");
        size_t length = strcspn(list, ",; \t");
        const char *weight = memchr(list, '=', end);
        if (length == strlen(name) && strncasecmp(list, name, length) == 0)
            return weight == NULL ? 1 : strtod(weight + 1, NULL);
        list += end;
    }
    return -1;
}

// ---- A client, its request and the reply. ----

static const char *const kept_fields[] = {
    "Accept-Encoding", "Connection", "Content-Length",    "Expect",     "Host",
    "If-Range",        "Range",      "Transfer-Encoding", "User-Agent",
};
enum { KEPT = sizeof kept_fields / sizeof *kept_fields };

struct client {
    int fd;
    char input[PIECE]; // received, from used to received not used yet
    size_t used, received;
    char line[HEAD_MAX + 1]; // the line that was read last, without its CRLF
    size_t line_room;        // bytes that the lines to come may have
    // The request.
    struct buffer start; // the request line; method and path point into it
    const char *method;
    char *path; // decoded, without the query
    bool is_http_1_0;
    struct buffer fields[KEPT]; // without data where the field is missing
    struct buffer body;
    // The reply.
    int status;
    struct buffer reply_fields;
    struct buffer reply_body;
    struct buffer output; // all of it, as it is sent
};

// The value of a field that we keep, NULL if the field is another one. Names
// match in any case (RFC 9110 5.1).
static struct buffer *field(struct client *client, const char *name)
{
    for (size_t i = 0; i < KEPT; i++)
        if (strcasecmp(name, kept_fields[i]) == 0)
            return &client->fields[i];
    return NULL;
}

static void forget_request(struct client *client)
{
    for (size_t i = 0; i < KEPT; i++)
        release(&client->fields[i]);
    release(&client->start);
    release(&client->body);
    release(&client->reply_fields);
    release(&client->reply_body);
    release(&client->output);
    client->method = NULL;
    client->status = 0;
}

static bool method_is(const struct client *client, const char *method)
{
    return client->method != NULL && strcmp(client->method, method) == 0;
}

// Ends the reading of a request: return fail(client, 400);
static bool fail(struct client *client, int status)
{
    client->status = status;
    return false;
}

// ---- Waiting, sending, closing. ----

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Waits until the socket can be read (POLLIN) or written (POLLOUT). A signal
// ends poll() early (EINTR); the deadline stays where it was.
static bool wait_until(int fd, short events, int64_t deadline)
{
    struct pollfd item = {.fd = fd, .events = events};
    int ready;
    do {
        int64_t left = deadline - now_ms();
        ready = poll(&item, 1, left > 0 ? (int)left : 0);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

// close() with bytes unread makes TCP send a reset, which can destroy a reply
// that the client has not read yet. So: say that no more comes, then read on
// until the client closes too, or has had its time (RFC 9112 9.6).
static void close_gently(struct client *client)
{
    int64_t deadline = now_ms() + LINGER_MS;
    ssize_t count = 1;
    shutdown(client->fd, SHUT_WR);
    while (count > 0 && now_ms() < deadline && wait_until(client->fd, POLLIN, deadline)) {
        count = recv(client->fd, client->input, PIECE, 0);
        if (count < 0 && errno == EINTR)
            count = 1;
    }
    close(client->fd);
}

// send() may take a part only, and a client that does not read must not hold
// the thread for ever: send() never waits, poll() does, with a deadline.
// MSG_NOSIGNAL: a client that has left is an error here, not SIGPIPE.
static bool send_all(struct client *client, const char *data, size_t length)
{
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    while (length > 0) {
        ssize_t sent = send(client->fd, data, length, flags);
        if (sent >= 0) {
            data += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            if (!wait_until(client->fd, POLLOUT, now_ms() + timeout_ms))
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

// ---- Writing the reply. ----

static const char *const reasons[] = {
    [200] = "OK",
    [201] = "Created",
    [206] = "Partial Content",
    [400] = "Bad Request",
    [404] = "Not Found",
    [405] = "Method Not Allowed",
    [408] = "Request Timeout",
    [413] = "Content Too Large",
    [414] = "URI Too Long",
    [416] = "Range Not Satisfiable",
    [431] = "Request Header Fields Too Large",
    [500] = "Internal Server Error",
    [501] = "Not Implemented",
    [505] = "HTTP Version Not Supported",
};

// One field of the reply; format and what follows are its value, as for printf.
static void add_field(struct client *client, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add_field(struct client *client, const char *name, const char *format, ...)
{
    char value[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    append_text(&client->reply_fields, name);
    append_text(&client->reply_fields, ": ");
    append_text(&client->reply_fields, value);
    append_text(&client->reply_fields, "\r\n");
}

static void set_text(struct client *client, int status, const char *text)
{
    client->status = status;
    add_field(client, "Content-Type", "text/plain");
    client->reply_body.length = 0;
    append_text(&client->reply_body, text);
}

// A status that speaks for itself.
static void set_status(struct client *client, int status)
{
    set_text(client, status, reasons[status]);
}

static void add_date(struct client *client)
{
    char text[64];
    struct tm utc;
    time_t now = time(NULL);
    strftime(text, sizeof text, "%a, %d %b %Y %T GMT", gmtime_r(&now, &utc));
    add_field(client, "Date", "%s", text); // RFC 9110 6.6.1
}

// Status line, fields, an empty line, body (RFC 9112 2.1). The reply to HEAD
// says how long the body for GET is, and has none (RFC 9110 9.3.2).
static bool send_reply(struct client *client)
{
    struct buffer *out = &client->output;
    char start[80];
    add_date(client);
    add_field(client, "Content-Length", "%zu", client->reply_body.length);
    snprintf(start, sizeof start, "HTTP/1.1 %d %s\r\n", client->status, reasons[client->status]);
    append_text(out, start);
    append(out, client->reply_fields.data, client->reply_fields.length);
    append_text(out, "\r\n");
    if (!method_is(client, "HEAD"))
        append(out, client->reply_body.data, client->reply_body.length);
    return send_all(client, out->data, out->length);
}

// ---- Receiving. ----

// TCP carries bytes, not messages: one recv() may bring half a line or three
// requests. So recv() fills the input, and all others take bytes from there.
static bool receive_more(struct client *client)
{
    ssize_t count;
    if (!wait_until(client->fd, POLLIN, now_ms() + timeout_ms))
        return fail(client, 408);
    do
        count = recv(client->fd, client->input, PIECE, 0);
    while (count < 0 && errno == EINTR);
    client->used = 0;
    client->received = count > 0 ? (size_t)count : 0;
    return count > 0; // 0: the client has closed; less: it has vanished
}

static bool has_input(struct client *client)
{
    return client->used < client->received || receive_more(client);
}

// Reads a line into client->line. A CR or LF alone, or a zero byte, could mean
// something else to the next program on the way: refuse them (RFC 9112 2.2,
// RFC 9110 5.5).
static bool read_line(struct client *client, int too_long)
{
    char *end = client->line;
    do {
        if (client->line_room == 0)
            return fail(client, too_long);
        if (!has_input(client))
            return false;
        *end = client->input[client->used++];
        client->line_room--;
    } while (*end++ != '\n');
    *end = '\0';
    char *text_end = client->line + strcspn(client->line, "\r");
    if (text_end + strlen("\r\n") != end)
        return fail(client, 400);
    *text_end = '\0';
    return true;
}

static bool read_bytes(struct client *client, struct buffer *to, size_t count)
{
    while (count > 0) {
        if (!has_input(client))
            return false;
        size_t here = client->received - client->used;
        size_t part = count < here ? count : here;
        append(to, client->input + client->used, part);
        client->used += part;
        count -= part;
    }
    return true;
}

// ---- The head of a request. ----

static bool parse_version(struct client *client, const char *version)
{
    if (fnmatch("HTTP/[0-9].[0-9]", version, 0) != 0)
        return fail(client, 400);
    client->is_http_1_0 = strcmp(version, "HTTP/1.0") == 0;
    return version[5] == '1' || fail(client, 505); // RFC 9110 15.6.6
}

// The target is a path, or a whole URL as proxies get it (RFC 9112 3.2.2).
static bool parse_target(struct client *client, char *target)
{
    char *path = target;
    target[strcspn(target, "?")] = '\0'; // the query is no part of the path
    if (strncasecmp(target, "http://", 7) == 0) {
        path = strchr(target + 7, '/');
        if (path == NULL) // "http://host" alone means its path "/"
            path = memcpy(target, "/", 2);
    }
    client->path = path;
    return (*path == '/' && decode_percent(path)) || fail(client, 400);
}

// METHOD TARGET HTTP/1.1, one blank between them (RFC 9112 3).
static bool parse_start(struct client *client)
{
    append_text(&client->start, client->line);
    char *rest = client->start.data;
    client->method = strsep(&rest, " ");
    char *target = strsep(&rest, " ");
    if (rest == NULL || !is_token(client->method))
        return fail(client, 400);
    return parse_version(client, rest) && parse_target(client, target);
}

// NAME ":" VALUE, with blanks around the value only: a blank before the colon
// or before the name is refused (RFC 9112 5.1, 5.2). A field that comes again
// goes on after ", " (RFC 9110 5.3); so two lengths are no number any more.
static bool parse_field(struct client *client)
{
    char *value = client->line;
    const char *name = strsep(&value, ":");
    if (value == NULL || !is_token(name))
        return fail(client, 400);
    struct buffer *place = field(client, name);
    if (place == NULL)
        return true; // a field that we do not know changes nothing
    if (place->data != NULL)
        append_text(place, ", ");
    value += strspn(value, " \t");
    size_t length = strlen(value);
    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
        length--;
    append(place, value, length);
    return true;
}

// What only the whole head can show.
static bool check_head(struct client *client)
{
    const char *host = field(client, "Host")->data;
    const char *length = field(client, "Content-Length")->data;
    const char *coding = field(client, "Transfer-Encoding")->data;
    if (host == NULL && !client->is_http_1_0)
        return fail(client, 400); // RFC 9112 3.2
    if (host != NULL && strpbrk(host, " \t,/") != NULL)
        return fail(client, 400); // not a host, or two of them
    if (coding != NULL && (length != NULL || client->is_http_1_0))
        return fail(client, 400); // where does the body end? RFC 9112 6.1
    if (coding != NULL && strcasecmp(coding, "chunked") != 0)
        return fail(client, 501);
    return true;
}

static bool read_head(struct client *client)
{
    client->line_room = HEAD_MAX;
    if (!has_input(client))
        return fail(client, 0); // no request begins, so none is refused
    // Empty lines before a request mean nothing (RFC 9112 2.2).
    do {
        if (!read_line(client, 414))
            return false;
    } while (client->line[0] == '\0');
    if (!parse_start(client))
        return false;
    for (;;) {
        if (!read_line(client, 431))
            return false;
        if (client->line[0] == '\0') // the empty line ends the head
            return check_head(client);
        if (!parse_field(client))
            return false;
    }
}

// ---- The body of a request. ----

// A length that two programs read in two ways hides a request in a body. So:
// digits only, and none too many (RFC 9112 6.3). No length means no body.
static bool parse_length(struct client *client, uint64_t *length)
{
    char *text = field(client, "Content-Length")->data;
    char *end;
    *length = 0;
    if (text == NULL)
        return true;
    *length = parse_number(text, 10, &end);
    if (end == text || *end != '\0' || *length == UINT64_MAX)
        return fail(client, 400);
    return *length <= BODY_MAX || fail(client, 413); // RFC 9110 15.5.14
}

// A line with the size in hexadecimal, perhaps ";name=value" which we skip;
// then the data and CRLF (RFC 9112 7.1).
static bool read_chunk(struct client *client, uint64_t *size)
{
    struct buffer *body = &client->body;
    char *end;
    client->line_room = HEAD_MAX;
    if (!read_line(client, 400))
        return false;
    *size = parse_number(client->line, 16, &end);
    if (end == client->line || *size == UINT64_MAX)
        return fail(client, 400);
    end += strspn(end, " \t");
    if (*end != '\0' && *end != ';')
        return fail(client, 400);
    if (*size > BODY_MAX - body->length)
        return fail(client, 413);
    if (*size == 0)
        return true; // the last chunk: a trailer follows, no data
    if (!read_bytes(client, body, *size + strlen("\r\n")))
        return false;
    body->length -= strlen("\r\n");
    return memcmp(body->data + body->length, "\r\n", 2) == 0 || fail(client, 400);
}

static bool read_chunks(struct client *client)
{
    uint64_t size;
    do
        if (!read_chunk(client, &size))
            return false;
    while (size > 0);
    do // the trailer: fields, which we skip, and an empty line (7.1.2)
        if (!read_line(client, 431))
            return false;
    while (client->line[0] != '\0');
    return true;
}

// Whatever the method is: what stays unread would be the next request. A client
// that sends Expect waits until it is asked for the body (RFC 9110 10.1.1).
static bool read_body(struct client *client)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    bool is_chunked = field(client, "Transfer-Encoding")->data != NULL;
    const char *expect = field(client, "Expect")->data;
    uint64_t length;
    if (!parse_length(client, &length))
        return false;
    bool awaited = client->used == client->received && !client->is_http_1_0;
    if ((is_chunked || length > 0) && awaited && expect != NULL &&
        strcasecmp(expect, "100-continue") == 0 && !send_all(client, go_on, strlen(go_on)))
        return false;
    return is_chunked ? read_chunks(client) : read_bytes(client, &client->body, length);
}

// ---- Files. ----

static const char *content_type(const char *name)
{
    static const char *const types[][2] = {
        {".txt", "text/plain"}, {".html", "text/html"},        {".css", "text/css"},
        {".png", "image/png"},  {".json", "application/json"},
    };
    const char *end = strrchr(name, '.');
    for (size_t i = 0; end != NULL && i < sizeof types / sizeof *types; i++)
        if (strcasecmp(end, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

// The path of a file in the folder. The name is decoded already, so "..%2f"
// cannot hide a way out.
static bool file_path(char path[PATH_MAX], const char *name)
{
    bool only_dots = name[strspn(name, ".")] == '\0'; // "", "." and ".." are no files
    if (only_dots || strchr(name, '/') != NULL || strlen(name) > NAME_MAX)
        return false;
    return snprintf(path, PATH_MAX, "%s/%s", files_dir, name) < PATH_MAX;
}

static bool read_file(const char *path, struct buffer *to)
{
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return false;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t size = (size_t)about.st_size;
    reserve(to, size);
    to->length = fread(to->data, 1, size, file);
    fclose(file);
    return to->length == size;
}

// Writes a file beside the old one and renames it: nobody ever reads half of
// it, and when two clients post at once, one of them wins whole.
static bool store_file(const char *path, const struct buffer *body)
{
    char draft[PATH_MAX + 16];
    snprintf(draft, sizeof draft, "%s/.post-XXXXXX", files_dir);
    int fd = mkstemp(draft);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (file == NULL)
        return false;
    bool written = fchmod(fd, 0644) == 0; // mkstemp() made it for us alone
    if (body->length > 0 && fwrite(body->data, body->length, 1, file) != 1)
        written = false;
    if (fclose(file) != 0 || !written || rename(draft, path) != 0) {
        unlink(draft);
        return false;
    }
    return true;
}

static void post_file(struct client *client, const char *name)
{
    char path[PATH_MAX];
    if (!file_path(path, name)) {
        set_status(client, 404);
        return;
    }
    int status = access(path, F_OK) == 0 ? 200 : 201; // RFC 9110 9.3.3
    set_status(client, store_file(path, &client->body) ? status : 500);
}

// "*" speaks of all codings that are not named (RFC 9110 12.5.3).
static bool wants_gzip(struct client *client)
{
    const char *codings = field(client, "Accept-Encoding")->data;
    double weight = weight_in_list(codings, "gzip");
    return (weight < 0 ? weight_in_list(codings, "*") : weight) > 0;
}

static void compress_reply(struct client *client)
{
    struct buffer *plain = &client->reply_body;
    struct buffer packed = {0};
    z_stream stream = {0};
    // 15 is zlib's largest window; 16 more asks for the gzip format.
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return; // no memory: the plain text is right, too
    reserve(&packed, deflateBound(&stream, plain->length));
    stream.next_in = (Bytef *)plain->data;
    stream.avail_in = (uInt)plain->length;
    stream.next_out = (Bytef *)packed.data;
    stream.avail_out = (uInt)packed.room;
    deflate(&stream, Z_FINISH);
    packed.length = stream.total_out;
    deflateEnd(&stream);
    release(plain);
    *plain = packed;
    add_field(client, "Content-Encoding", "gzip");
}

// One range: bytes=FIRST-LAST, bytes=FIRST- or bytes=-COUNT (RFC 9110 14.1.2).
// Returns 206, or 416 when nothing of it is there, or 200 for the whole file:
// what we do not understand is ignored (14.2).
static int parse_range(char *text, size_t size, uint64_t *first, uint64_t *last)
{
    char *dash, *end;
    if (strncasecmp(text, "bytes=", 6) != 0)
        return 200;
    text += strlen("bytes=");
    *first = parse_number(text, 10, &dash);
    if (*dash != '-')
        return 200;
    *last = parse_number(dash + 1, 10, &end);
    bool has_first = dash > text;
    bool has_last = end > dash + 1;
    if (*end != '\0' || (!has_first && !has_last))
        return 200;
    if (!has_first) // the last COUNT bytes
        *first = *last < size ? size - *last : 0;
    if (!has_first || !has_last)
        *last = UINT64_MAX;
    if (*last < *first)
        return 200;
    if (*first >= size)
        return 416;
    if (*last >= size)
        *last = size - 1;
    return 206;
}

static void cut_reply(struct client *client, char *range)
{
    struct buffer *body = &client->reply_body;
    uint64_t first, last;
    client->status = parse_range(range, body->length, &first, &last);
    if (client->status == 416) {
        add_field(client, "Content-Range", "bytes */%zu", body->length);
        body->length = 0;
    } else if (client->status == 206) {
        add_field(client, "Content-Range", "bytes %ju-%ju/%zu", (uintmax_t)first, (uintmax_t)last,
                  body->length);
        body->length = last - first + 1;
        memmove(body->data, body->data + first, body->length);
    }
}

static void get_file(struct client *client, const char *name)
{
    const char *type = content_type(name);
    char *range = field(client, "Range")->data;
    char path[PATH_MAX];
    if (!file_path(path, name) || !read_file(path, &client->reply_body)) {
        set_status(client, 404);
        return;
    }
    client->status = 200;
    add_field(client, "Content-Type", "%s", type);
    add_field(client, "Accept-Ranges", "bytes");
    // Ranges are for GET alone (14.2), and If-Range asks for one of a version
    // that it names; we name no versions, so that is another one (13.1.5).
    if (range != NULL && method_is(client, "GET") && field(client, "If-Range")->data == NULL)
        cut_reply(client, range);
    if (strcmp(type, "text/plain") == 0) {
        add_field(client, "Vary", "Accept-Encoding"); // RFC 9110 12.5.5
        if (client->status == 200 && wants_gzip(client))
            compress_reply(client);
    }
}

// ---- Routes. ----

static bool is_known_method(const char *method)
{
    static const char *const known[] = {"GET",   "HEAD",    "POST",  "PUT",    "DELETE",
                                        "PATCH", "OPTIONS", "TRACE", "CONNECT"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(method, known[i]) == 0)
            return true;
    return false;
}

static void answer(struct client *client)
{
    const char *path = client->path;
    const char *agent = field(client, "User-Agent")->data;
    const char *text = NULL; // what the path answers, or
    const char *name = NULL; // the file that it means
    if (strcmp(path, "/") == 0)
        text = "Hello!\n";
    else if (strncmp(path, "/echo/", 6) == 0)
        text = path + strlen("/echo/");
    else if (strcmp(path, "/user-agent") == 0)
        text = agent != NULL ? agent : "";
    else if (strncmp(path, "/files/", 7) == 0)
        name = path + strlen("/files/");

    bool is_get = method_is(client, "GET") || method_is(client, "HEAD");
    if (!is_known_method(client->method)) {
        set_status(client, 501);
    } else if (text == NULL && name == NULL) {
        set_status(client, 404);
    } else if (name != NULL && method_is(client, "POST")) {
        post_file(client, name);
    } else if (!is_get) {
        set_status(client, 405); // RFC 9110 15.5.6: with what is allowed
        add_field(client, "Allow", "%s", name ? "GET, HEAD, POST" : "GET, HEAD");
    } else if (name != NULL) {
        get_file(client, name);
    } else {
        set_text(client, 200, text);
    }
}

// ---- Connections and threads. ----

// Returns whether the connection goes on (RFC 9112 9.3).
static bool serve_request(struct client *client)
{
    bool is_good = read_head(client) && read_body(client);
    const char *options = field(client, "Connection")->data;
    bool is_last = !is_good || client->is_http_1_0 || weight_in_list(options, "close") >= 0;
    if (!is_good && client->status == 0)
        return false;
    if (is_good)
        answer(client);
    else
        set_status(client, client->status);
    if (is_last)
        add_field(client, "Connection", "close");
    return send_reply(client) && !is_last;
}

static void *serve(void *argument)
{
    struct client *client = argument;
    while (serve_request(client))
        forget_request(client);
    forget_request(client);
    close_gently(client);
    free(client);
    return NULL;
}

static void start_thread(int fd)
{
    const int on = 1;
    pthread_t thread;
    pthread_attr_t how;
    struct client *client = calloc(1, sizeof *client);
    // A small reply goes out at once, not when the last one is acknowledged.
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    pthread_attr_init(&how);
    pthread_attr_setstacksize(&how, STACK_SIZE);
    pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
    if (client != NULL)
        client->fd = fd;
    if (client == NULL || pthread_create(&thread, &how, serve, client) != 0) {
        close(fd);
        free(client);
    }
    pthread_attr_destroy(&how);
}

static int open_port(int port)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    // Without SO_REUSEADDR a port stays taken for a minute after its last use.
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, SOMAXCONN) != 0) {
        perror("bind or listen");
        exit(1);
    }
    return fd;
}

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL ? value : otherwise;
}

int main(void)
{
    files_dir = setting("FILES_DIR", ".");
    timeout_ms = atoi(setting("REQUEST_TIMEOUT_MS", "30000"));
    int listener = open_port(atoi(setting("PORT", "8080")));
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            start_thread(fd);
        else if (errno != EINTR && errno != ECONNABORTED)
            poll(NULL, 0, 10); // out of descriptors or memory: some get free
    }
}
