// SPDX-License-Identifier: MIT
/*
 * fetch: asks for URLs over HTTP/1.1 and writes what comes to stdout. The
 * solution of the lab http-client.
 *
 * main() takes one URL after the other. fetch() asks for one and follows its
 * redirects: ask() sends a request, read_head() reads the head of the answer,
 * read_body() its body, piece by piece, so that no body is too large. Whatever
 * goes wrong ends the program at once, in give_up(): one line on stderr, and
 * the exit status that says what it was.
 *
 * RFC 9110 says what requests and answers mean, RFC 9112 how they are written,
 * RFC 3986 how a URL is.
 */
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

// What main() returns.
enum {
    HTTP_ERROR = 1,
    USAGE = 2,
    BAD_URL = 3,
    NOT_RESOLVED = 4,
    NOT_CONNECTED = 5,
    TIMED_OUT = 6,
    MALFORMED = 7,
    CUT_OFF = 8,
    TOO_MANY_REDIRECTS = 9,
    NOT_WRITTEN = 10,
};

enum {
    PIECE = 16 * 1024,     // bytes asked of one recv(), and written at once
    HEAD_MAX = 256 * 1024, // bytes in a head, or in the trailer of chunks
    REDIRECTS_MAX = 10,
};

static int connect_timeout_ms, request_timeout_ms;
static bool wants_head_only; // -I

// ---- Saying what went wrong, and small helpers. ----

// One line, whatever is in the URL: control characters would make it two.
_Noreturn static void give_up(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

_Noreturn static void give_up(int status, const char *format, ...)
{
    char message[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    for (char *c = message; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
    fprintf(stderr, "fetch: %s\n", message);
    exit(status);
}

// printf() into memory of its own.
static char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *text_of(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = malloc((size_t)length + 1);
    if (text == NULL)
        abort();
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

static char *copy_of(const char *text, size_t length)
{
    char *copy = strndup(text, length);
    if (copy == NULL)
        abort();
    return copy;
}

// Reads digits up to the end of the text; false if anything else is there, or
// if the number is too large. strtoull() alone would take blanks, signs and
// "0x", which no number in HTTP has, and say nothing of an overflow.
static bool parse_number(const char *text, int base, uint64_t *number)
{
    const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
    if (*text == '\0' || text[strspn(text, digits)] != '\0')
        return false;
    errno = 0;
    *number = strtoull(text, NULL, base);
    return errno == 0;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Waits until the socket can be read (POLLIN) or written (POLLOUT), or the
// time is over. A signal ends poll() early (EINTR): wait for what is left.
static bool wait_for(int fd, short events, int milliseconds)
{
    struct pollfd item = {.fd = fd, .events = events};
    int64_t deadline = now_ms() + milliseconds;
    int ready;
    do {
        int64_t left = deadline - now_ms();
        ready = poll(&item, 1, left > 0 ? (int)left : 0);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

// ---- URLs. ----

struct url {
    char *authority; // "127.0.0.1:8080": host and port as they are written
    char *host;      // for getaddrinfo(): an IPv6 address without its brackets
    char *port;
    char *path;  // begins with "/"
    char *query; // begins with "?", or is empty
};

static void free_url(struct url *url)
{
    free(url->authority);
    free(url->host);
    free(url->port);
    free(url->path);
    free(url->query);
}

// A blank or a line end in a URL would end the request line, and what follows
// it would be fields that nobody meant to send.
static bool has_only_url_bytes(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == ' ' || iscntrl((unsigned char)*text))
            return false;
    return true;
}

// HOST or HOST:PORT or [IPv6]:PORT (RFC 3986 3.2). An empty port is no port.
static bool parse_authority(struct url *url)
{
    const char *host = url->authority;
    size_t length = strcspn(host, ":");
    const char *port = host + length;
    if (*host == '[') {
        host++;
        length = strcspn(host, "]");
        if (host[length] == '\0')
            return false;
        port = host + length + 1;
    }
    if (length == 0 || strchr(host, '@') != NULL || (*port != '\0' && *port != ':'))
        return false;
    uint64_t number = 80;
    if (strlen(port) > 1 && !parse_number(port + 1, 10, &number))
        return false;
    url->host = copy_of(host, length);
    url->port = text_of("%d", number <= 65535 ? (int)number : 0);
    return number > 0 && number <= 65535;
}

// http://AUTHORITY/PATH?QUERY#FRAGMENT. All but the first two may be missing.
// The fragment is the reader's own business and never sent (RFC 9110 7.1).
static struct url parse_url(const char *text)
{
    struct url url = {0};
    if (!has_only_url_bytes(text))
        give_up(BAD_URL, "a blank or a control character in the URL %s", text);
    if (strncasecmp(text, "http://", 7) != 0)
        give_up(BAD_URL, "not a URL that begins with http://: %s", text);
    const char *authority = text + strlen("http://");
    const char *path = authority + strcspn(authority, "/?#");
    const char *query = path + strcspn(path, "?#");
    url.authority = copy_of(authority, (size_t)(path - authority));
    url.path = query > path ? copy_of(path, (size_t)(query - path)) : copy_of("/", 1);
    url.query = copy_of(query, strcspn(query, "#"));
    if (!parse_authority(&url))
        give_up(BAD_URL, "no host, or no such port: %s", text);
    return url;
}

// "/a/b/../c" and "/a/./c" both mean "/a/c" (RFC 3986 5.2.4). In place: the
// path only gets shorter.
static void remove_dots(char *path)
{
    char *to = path;
    const char *from = path;
    while (*from == '/') { // and the segment behind it
        size_t length = 1 + strcspn(from + 1, "/");
        bool is_dot = length == 2 && strncmp(from, "/.", 2) == 0;
        bool is_dots = length == 3 && strncmp(from, "/..", 3) == 0;
        bool is_last = from[length] == '\0';
        if (!is_dot && !is_dots) {
            memmove(to, from, length);
            to += length;
        }
        while (is_dots && to > path && *--to != '/')
            continue;
        if ((is_dot || is_dots) && is_last)
            *to++ = '/';
        from += length;
    }
    *to = '\0';
}

// "mailto:" and "https:" are schemes; "a/b:c" begins with none.
static bool has_scheme(const char *reference)
{
    size_t length = strcspn(reference, ":/?#");
    return length > 0 && reference[length] == ':';
}

// What a reference means on the page at `base` (RFC 3986 5.2.2).
static struct url resolve(const struct url *base, const char *reference)
{
    int folder = (int)(strrchr(base->path, '/') + 1 - base->path);
    char *text;
    if (has_scheme(reference))
        text = copy_of(reference, strlen(reference));
    else if (strncmp(reference, "//", 2) == 0)
        text = text_of("http:%s", reference);
    else if (*reference == '/')
        text = text_of("http://%s%s", base->authority, reference);
    else if (*reference == '?')
        text = text_of("http://%s%s%s", base->authority, base->path, reference);
    else if (*reference == '#' || *reference == '\0')
        text = text_of("http://%s%s%s", base->authority, base->path, base->query);
    else
        text = text_of("http://%s%.*s%s", base->authority, folder, base->path, reference);
    struct url url = parse_url(text);
    remove_dots(url.path);
    free(text);
    return url;
}

// ---- The connection: one at a time, kept for the next request if it can be.

struct connection {
    int fd;            // -1: there is none
    char *host, *port; // where it leads
    char input[PIECE]; // received, from used to received not looked at yet
    size_t used, received;
    bool is_broken; // by a reset, say: that is no close
};

static void disconnect(struct connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    free(connection->host);
    free(connection->port);
    connection->host = connection->port = NULL;
    connection->fd = -1;
    connection->used = connection->received = 0;
    connection->is_broken = false;
}

// Returns a socket, or -1 and errno. The socket never waits; poll() does, and
// knows for how long.
static int connect_to_address(const struct addrinfo *address)
{
    int error = 0;
    socklen_t size = sizeof error;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0)
        error = errno;
    if (error == EINPROGRESS) {
        if (wait_for(fd, POLLOUT, connect_timeout_ms))
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        else
            error = ETIMEDOUT;
    }
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

// A name may have several addresses, of which some do not answer.
static void connect_to_host(struct connection *connection, const struct url *url)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    int failure = getaddrinfo(url->host, url->port, &hints, &addresses);
    if (failure != 0)
        give_up(NOT_RESOLVED, "no address for %s: %s", url->host, gai_strerror(failure));
    int error = 0;
    for (struct addrinfo *a = addresses; a != NULL && connection->fd < 0; a = a->ai_next) {
        connection->fd = connect_to_address(a);
        error = errno;
    }
    freeaddrinfo(addresses);
    if (connection->fd < 0)
        give_up(error == ETIMEDOUT ? TIMED_OUT : NOT_CONNECTED, "cannot connect to %s port %s: %s",
                url->host, url->port, strerror(error));
    connection->host = copy_of(url->host, strlen(url->host));
    connection->port = copy_of(url->port, strlen(url->port));
}

// On a connection on which nothing was asked, nothing may come: neither its
// end, nor bytes, which are no answer to what we ask next (RFC 9112 9.2).
static bool can_be_reused(struct connection *connection, const struct url *url)
{
    return connection->fd >= 0 && strcasecmp(connection->host, url->host) == 0 &&
           strcmp(connection->port, url->port) == 0 && connection->used == connection->received &&
           !wait_for(connection->fd, POLLIN, 0);
}

// send() may take a part only. MSG_NOSIGNAL: a server that has left is an
// error of send() here, not a SIGPIPE. What it said before is still to be read.
static void send_all(struct connection *connection, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(connection->fd, data, length, MSG_NOSIGNAL);
        if (sent >= 0) {
            data += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            if (!wait_for(connection->fd, POLLOUT, request_timeout_ms))
                give_up(TIMED_OUT, "the server takes nothing");
        } else if (errno != EINTR) {
            return;
        }
    }
}

// TCP carries bytes, not messages: one recv() may bring half a line, or a head
// and a part of the body. So recv() fills the input, and all others take bytes
// from there. False when no more comes.
static bool has_input(struct connection *connection)
{
    while (connection->used == connection->received) {
        ssize_t count = recv(connection->fd, connection->input, PIECE, 0);
        if (count > 0) {
            connection->used = 0;
            connection->received = (size_t)count;
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            connection->is_broken = count < 0;
            return false;
        } else if (errno == EAGAIN && !wait_for(connection->fd, POLLIN, request_timeout_ms)) {
            give_up(TIMED_OUT, "nothing came for %d ms", request_timeout_ms);
        }
    }
    return true;
}

static void need_input(struct connection *connection, const char *where)
{
    if (!has_input(connection))
        give_up(CUT_OFF, "the connection %s in the %s", connection->is_broken ? "broke" : "ended",
                where);
}

// ---- The head of an answer. ----

struct answer {
    int status;
    bool has_length;
    uint64_t length;
    bool is_chunked;
    bool is_compressed;
    bool is_last;   // the server closes the connection behind it
    char *location; // or NULL
};

static char line[HEAD_MAX + 1]; // the line that was read last, without its end
static size_t line_room;        // bytes that the lines to come may have

// Lines end in CRLF; one that ends in LF alone is understood (RFC 9112 2.2). A
// zero byte would hide what stands behind it (RFC 9110 5.5).
static void read_line(struct connection *connection, const char *where)
{
    size_t length = 0;
    do {
        need_input(connection, where);
        if (line_room-- == 0)
            give_up(MALFORMED, "the %s is longer than %d bytes", where, HEAD_MAX);
        line[length] = connection->input[connection->used++];
        if (line[length] == '\0')
            give_up(MALFORMED, "a zero byte in the %s", where);
    } while (line[length++] != '\n');
    length--;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
}

// HTTP/1.1 200 OK: version, blank, three digits, blank, words. Some servers
// leave the second blank out where no words follow (RFC 9112 4).
static void parse_status_line(struct answer *answer)
{
    const char *digits = line + strlen("HTTP/1.1 ");
    if (strncmp(line, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)line[7]) || line[8] != ' ' ||
        strspn(digits, "0123456789") != 3 || (digits[3] != ' ' && digits[3] != '\0'))
        give_up(MALFORMED, "not a status line: %s", line);
    answer->status = atoi(digits);
    if (answer->status < 100 || answer->status > 599)
        give_up(MALFORMED, "no such status: %s", line);
    answer->is_last = line[7] == '0'; // HTTP/1.0 closes
}

// Whether a list such as "foo, close" has a member; in any letter case.
static bool is_in_list(const char *list, const char *member)
{
    while (*list != '\0') {
        list += strspn(list, ", \t");
        size_t length = strcspn(list, ", \t");
        if (length == strlen(member) && strncasecmp(list, member, length) == 0)
            return true;
        list += length;
    }
    return false;
}

// Two lengths that differ could end the body in two places: RFC 9112 6.3.
static void add_length(struct answer *answer, const char *value)
{
    uint64_t length;
    if (!parse_number(value, 10, &length))
        give_up(MALFORMED, "Content-Length is no number: %s", value);
    if (answer->has_length && length != answer->length)
        give_up(MALFORMED, "two lengths that differ");
    answer->has_length = true;
    answer->length = length;
}

static void parse_value(struct answer *answer, const char *name, const char *value)
{
    if (strcasecmp(name, "Location") == 0) {
        free(answer->location);
        answer->location = copy_of(value, strlen(value));
    } else if (strcasecmp(name, "Connection") == 0) {
        answer->is_last |= is_in_list(value, "close");
    } else if (strcasecmp(name, "Content-Encoding") == 0) {
        answer->is_compressed = strcasecmp(value, "gzip") == 0 || strcasecmp(value, "x-gzip") == 0;
        if (!answer->is_compressed)
            give_up(MALFORMED, "a content coding that nobody asked for: %s", value);
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        answer->is_chunked = strcasecmp(value, "chunked") == 0;
        if (!answer->is_chunked)
            give_up(MALFORMED, "a transfer coding that nobody asked for: %s", value);
    } else if (strcasecmp(name, "Content-Length") == 0) {
        add_length(answer, value);
    }
}

// NAME ":" VALUE, with blanks around the value only (RFC 9112 5.1).
static void parse_field(struct answer *answer, char *field)
{
    char *colon = strchr(field, ':');
    if (colon == NULL || colon == field || strcspn(field, " \t") < (size_t)(colon - field))
        give_up(MALFORMED, "not a field: %s", field);
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t length = strlen(value);
    while (length > 0 && strchr(" \t", value[length - 1]) != NULL)
        length--;
    value[length] = '\0';
    parse_value(answer, field, value);
}

// Fields up to the empty line. A line that begins with a blank goes on with
// the field above it, as if a blank stood there (RFC 9112 5.2). All lines of a
// head together are no longer than HEAD_MAX, so that a field is not either.
static void read_fields(struct connection *connection, struct answer *answer)
{
    static char field[HEAD_MAX + 1];
    bool has_field = false;
    do {
        read_line(connection, "head");
        if (has_field && (line[0] == ' ' || line[0] == '\t')) {
            strcat(field, line);
            continue;
        }
        if (has_field)
            parse_field(answer, field);
        strcpy(field, line);
        has_field = true;
    } while (*line != '\0');
}

static void free_answer(struct answer *answer)
{
    free(answer->location);
    *answer = (struct answer){0};
}

// Answers 1xx only say that one is on its way (RFC 9110 15.2).
static void read_head(struct connection *connection, struct answer *answer)
{
    do {
        free_answer(answer);
        line_room = HEAD_MAX;
        read_line(connection, "status line");
        parse_status_line(answer);
        read_fields(connection, answer);
    } while (answer->status < 200);
}

// ---- The body of an answer. ----

// Where the bytes of a body go.
struct sink {
    bool is_discarded;  // the body of a redirect
    bool is_compressed; // through zlib
    bool has_ended;     // as zlib knows
    z_stream zlib;
};

static void write_all(const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, data, length);
        if (written < 0 && errno != EINTR)
            give_up(NOT_WRITTEN, "cannot write: %s", strerror(errno));
        if (written > 0) {
            data += written;
            length -= (size_t)written;
        }
    }
}

static void open_sink(struct sink *sink, const struct answer *answer, bool is_discarded)
{
    *sink = (struct sink){.is_discarded = is_discarded,
                          .is_compressed = !is_discarded && answer->is_compressed};
    // 15 is zlib's largest window; 16 more asks for the gzip format.
    if (sink->is_compressed && inflateInit2(&sink->zlib, 15 + 16) != Z_OK)
        abort();
}

// A few bytes may unpack to megabytes: a piece at a time.
static void decompress(struct sink *sink, const char *data, size_t length)
{
    char plain[PIECE];
    sink->zlib.next_in = (Bytef *)data;
    sink->zlib.avail_in = (uInt)length;
    do {
        sink->zlib.next_out = (Bytef *)plain;
        sink->zlib.avail_out = sizeof plain;
        int result = inflate(&sink->zlib, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            give_up(MALFORMED, "the compressed body is broken");
        sink->has_ended = result == Z_STREAM_END;
        write_all(plain, sizeof plain - sink->zlib.avail_out);
    } while (!sink->has_ended && sink->zlib.avail_out == 0);
}

static void write_body(struct sink *sink, const char *data, size_t length)
{
    if (sink->is_discarded || sink->has_ended)
        return;
    if (sink->is_compressed)
        decompress(sink, data, length);
    else
        write_all(data, length);
}

static void close_sink(struct sink *sink)
{
    if (!sink->is_compressed)
        return;
    inflateEnd(&sink->zlib);
    if (!sink->has_ended)
        give_up(MALFORMED, "the compressed body ends too early");
}

// Moves `count` bytes of the body, as they come.
static void copy_bytes(struct connection *connection, struct sink *sink, uint64_t count)
{
    while (count > 0) {
        need_input(connection, "body");
        size_t here = connection->received - connection->used;
        size_t part = count < here ? (size_t)count : here;
        write_body(sink, connection->input + connection->used, part);
        connection->used += part;
        count -= part;
    }
}

static void copy_until_close(struct connection *connection, struct sink *sink)
{
    while (has_input(connection)) {
        size_t part = connection->received - connection->used;
        write_body(sink, connection->input + connection->used, part);
        connection->used += part;
    }
    if (connection->is_broken)
        give_up(CUT_OFF, "the connection broke in the body");
}

// SIZE in hexadecimal, perhaps blanks, ";" and extensions (RFC 9112 7.1.1).
static uint64_t read_chunk_size(struct connection *connection)
{
    uint64_t size;
    line_room = HEAD_MAX;
    read_line(connection, "chunk size");
    line[strcspn(line, "; \t")] = '\0';
    if (!parse_number(line, 16, &size))
        give_up(MALFORMED, "no chunk size: %s", line);
    return size;
}

static void read_chunk_end(struct connection *connection)
{
    for (const char *expected = "\r\n"; *expected != '\0'; expected++) {
        need_input(connection, "body");
        if (connection->input[connection->used++] != *expected)
            give_up(MALFORMED, "a chunk is longer than its size says");
    }
}

// SIZE CRLF DATA CRLF, and again; behind the chunk of size 0 comes a trailer,
// lines up to an empty one (RFC 9112 7.1).
static void copy_chunks(struct connection *connection, struct sink *sink)
{
    uint64_t size;
    while ((size = read_chunk_size(connection)) > 0) {
        copy_bytes(connection, sink, size);
        read_chunk_end(connection);
    }
    line_room = HEAD_MAX;
    do
        read_line(connection, "trailer");
    while (*line != '\0');
}

// How the end of the body is found: RFC 9112 6.3, in its order.
static void read_body(struct connection *connection, struct answer *answer, bool is_discarded)
{
    struct sink sink;
    bool has_none = wants_head_only || answer->status == 204 || answer->status == 304;
    if (has_none)
        return;
    open_sink(&sink, answer, is_discarded);
    if (answer->is_chunked)
        copy_chunks(connection, &sink);
    else if (answer->has_length)
        copy_bytes(connection, &sink, answer->length);
    else
        copy_until_close(connection, &sink);
    answer->is_last |= !answer->is_chunked && !answer->has_length;
    close_sink(&sink);
}

// ---- Asking. ----

static void send_request(struct connection *connection, const struct url *url)
{
    const char *method = wants_head_only ? "HEAD" : "GET";
    size_t room = 100 + strlen(url->path) + strlen(url->query) + strlen(url->authority);
    char *request = malloc(room);
    if (request == NULL)
        abort();
    snprintf(request, room, "%s %s%s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: gzip\r\n\r\n", method,
             url->path, url->query, url->authority);
    send_all(connection, request, strlen(request));
    free(request);
}

// A server may close a connection that was idle at the very moment at which we
// ask again. That is no answer, and no error: ask once more on a new connection
// (RFC 9112 9.3.1). Only a new connection that ends without a word is one.
static void ask(struct connection *connection, const struct url *url)
{
    if (can_be_reused(connection, url)) {
        send_request(connection, url);
        if (has_input(connection))
            return;
    }
    disconnect(connection);
    connect_to_host(connection, url);
    send_request(connection, url);
    need_input(connection, "beginning, without an answer");
}

static bool is_redirect(const struct answer *answer)
{
    int status = answer->status;
    bool is_one = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    return is_one && answer->location != NULL;
}

// Asks for a URL and for all that it leads to.
static void fetch(struct connection *connection, const char *text)
{
    struct url url = parse_url(text);
    struct answer answer = {0};
    int redirects = 0;
    bool goes_on;
    do {
        ask(connection, &url);
        read_head(connection, &answer);
        goes_on = is_redirect(&answer);
        if (goes_on && ++redirects > REDIRECTS_MAX)
            give_up(TOO_MANY_REDIRECTS, "more than %d redirects: %s", REDIRECTS_MAX, text);
        read_body(connection, &answer, goes_on);
        if (answer.is_last)
            disconnect(connection);
        if (goes_on) {
            struct url next = resolve(&url, answer.location);
            free_url(&url);
            url = next;
        }
    } while (goes_on);
    if (answer.status >= 400)
        give_up(HTTP_ERROR, "the server answers with status %d: %s", answer.status, text);
    free_answer(&answer);
    free_url(&url);
}

static int milliseconds(const char *name)
{
    const char *value = getenv(name);
    return value != NULL ? atoi(value) : 30000;
}

int main(int count, char **arguments)
{
    struct connection connection = {.fd = -1};
    int first = 1;
    connect_timeout_ms = milliseconds("CONNECT_TIMEOUT_MS");
    request_timeout_ms = milliseconds("REQUEST_TIMEOUT_MS");
    // A reader of stdout that has left is an error of write(), not our end.
    signal(SIGPIPE, SIG_IGN);
    while (first < count && arguments[first][0] == '-') {
        if (strcmp(arguments[first++], "-I") != 0)
            give_up(USAGE, "usage: fetch [-I] URL [URL...]");
        wants_head_only = true;
    }
    if (first == count)
        give_up(USAGE, "usage: fetch [-I] URL [URL...]");
    for (int i = first; i < count; i++)
        fetch(&connection, arguments[i]);
    disconnect(&connection);
    return 0;
}
