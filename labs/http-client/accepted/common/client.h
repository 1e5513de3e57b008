// SPDX-License-Identifier: MIT
/*
 * What the accepted programs share: a client turned inside out. Nothing here reads or waits. A
 * program that includes this hands over bytes as they come (parser_feed), or that no more come
 * (parser_end), and says by ask() how it gets them.
 */
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum { ERROR = 1, USAGE, BAD_URL, UNKNOWN, REFUSED, LATE, WRONG, CUT, CIRCLE, FULL };

static bool head_only;

_Noreturn static void die(int status, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "%s\n", why);
    exit(status);
}

static int setting(const char *name)
{
    const char *text = getenv(name);
    return text ? atoi(text) : 30000;
}

// ---- The parser: one state a byte may be in.

struct parser {
    enum { HEAD, LENGTH, CLOSE, SIZE, DATA, DATA_END, TRAILER, DONE } state;
    char *head; // or the line of a size, or of the trailer
    size_t length;
    int status;
    uint64_t left;
    bool began, keeps, is_gzip, is_quiet, unpacked;
    char *location;
    z_stream zlib;
};

static void out(struct parser *p, const char *data, size_t length)
{
    char plain[4096];
    if (p->is_quiet || p->unpacked)
        return;
    if (!p->is_gzip) {
        if (fwrite(data, 1, length, stdout) != length)
            die(FULL, "stdout is full");
        return;
    }
    p->zlib.next_in = (Bytef *)data;
    p->zlib.avail_in = (uInt)length;
    do {
        p->zlib.next_out = (Bytef *)plain;
        p->zlib.avail_out = sizeof plain;
        int result = inflate(&p->zlib, Z_SYNC_FLUSH);
        if (result < 0 && result != Z_BUF_ERROR)
            die(WRONG, "not gzip");
        size_t made = sizeof plain - p->zlib.avail_out;
        if (fwrite(plain, 1, made, stdout) != made)
            die(FULL, "stdout is full");
        p->unpacked = result == Z_STREAM_END;
    } while (!p->unpacked && p->zlib.avail_out == 0);
}

static void done(struct parser *p)
{
    if (p->is_gzip) {
        inflateEnd(&p->zlib);
        if (!p->unpacked)
            die(WRONG, "gzip breaks off");
    }
    p->state = DONE;
    if (fflush(stdout) != 0)
        die(FULL, "stdout is full");
}

static uint64_t number(const char *text, size_t length, int base)
{
    uint64_t value = 0;
    if (length == 0)
        die(WRONG, "no number");
    for (; length > 0; text++, length--) {
        unsigned digit = isdigit((unsigned char)*text)    ? (unsigned)(*text - '0')
                         : isxdigit((unsigned char)*text) ? (unsigned)(tolower(*text) - 'a' + 10)
                                                          : 99;
        if (digit >= (unsigned)base || value > (UINT64_MAX - digit) / (unsigned)base)
            die(WRONG, "a number that is none");
        value = value * (unsigned)base + digit;
    }
    return value;
}

static bool same(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

// Unfolds, then walks over the lines of the head once for each name that is asked for.
static const char *value_of(const struct parser *p, const char *name, size_t *length, int which)
{
    const char *end = p->head + p->length;
    for (const char *line = memchr(p->head, '\n', p->length); line && ++line < end;
         line = memchr(line, '\n', (size_t)(end - line))) {
        const char *colon = memchr(line, ':', (size_t)(end - line));
        if (!colon || !same(line, (size_t)(colon - line), name) || which-- > 0)
            continue;
        const char *first = colon + 1, *stop = memchr(first, '\n', (size_t)(end - first));
        while (first < stop && isspace((unsigned char)*first))
            first++;
        while (stop > first && isspace((unsigned char)stop[-1]))
            stop--;
        *length = (size_t)(stop - first);
        return first;
    }
    return NULL;
}

static void unfold(struct parser *p)
{
    for (size_t i = 1; i + 1 < p->length; i++)
        if (p->head[i] == '\n' && (p->head[i + 1] == ' ' || p->head[i + 1] == '\t'))
            p->head[i - 1] = p->head[i] = ' ';
}

static void look_for_blanks(const struct parser *p)
{
    const char *line = memchr(p->head, '\n', p->length);
    while (line && ++line < p->head + p->length - 2) {
        size_t name = strcspn(line, ":\r\n");
        if (line[name] != ':' || name == 0 || memchr(line, ' ', name) || memchr(line, '\t', name))
            die(WRONG, "a field that is none");
        line = strchr(line, '\n');
    }
}

static void begin_body(struct parser *p)
{
    size_t length, other;
    const char *value = value_of(p, "Content-Encoding", &length, 0);
    bool none = head_only || p->status == 204 || p->status == 304;
    if (value && !none && !p->is_quiet) {
        if (!same(value, length, "gzip") && !same(value, length, "x-gzip"))
            die(WRONG, "a strange coding");
        p->is_gzip = true;
        inflateInit2(&p->zlib, 31);
    }
    const char *lengths = value_of(p, "Content-Length", &length, 0);
    const char *again = value_of(p, "Content-Length", &other, 1);
    p->left = lengths ? number(lengths, length, 10) : 0;
    if (again && number(again, other, 10) != p->left)
        die(WRONG, "two lengths");
    size_t coding_length = 0;
    const char *coding = value_of(p, "Transfer-Encoding", &coding_length, 0);
    if (none) {
        done(p);
    } else if (coding) {
        if (!same(coding, coding_length, "chunked") || lengths)
            die(WRONG, "framed in a way that I do not like");
        p->state = SIZE;
    } else if (lengths) {
        p->state = LENGTH;
        if (p->left == 0)
            done(p);
    } else {
        p->state = CLOSE;
        p->keeps = false;
    }
}

static void end_head(struct parser *p)
{
    unsigned status;
    char minor, behind = ' ';
    size_t length;
    if (memchr(p->head, '\0', p->length))
        die(WRONG, "a zero byte");
    if (sscanf(p->head, "HTTP/1.%c %3u%c", &minor, &status, &behind) < 2 || !isdigit(minor) ||
        strspn(p->head + 9, "0123456789") != 3 || !isspace((unsigned char)behind) || status < 100 ||
        status > 599)
        die(WRONG, "no status line");
    p->status = (int)status;
    unfold(p);
    look_for_blanks(p);
    if (status >= 200) {
        const char *location = value_of(p, "Location", &length, 0);
        bool moved =
            status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
        if (location && moved) {
            p->location = strndup(location, length);
            p->is_quiet = true;
        }
        p->keeps = minor != '0';
        const char *connection = value_of(p, "Connection", &length, 0);
        for (size_t i = 0; connection && i + 5 <= length; i++)
            if (strncasecmp(connection + i, "close", 5) == 0)
                p->keeps = false;
        begin_body(p);
    }
    p->length = 0;
}

static void add(struct parser *p, char byte)
{
    if (p->length == 512 * 1024)
        die(WRONG, "too much head");
    if ((p->length & (p->length + 1)) == 0 || p->head == NULL) {
        p->head = realloc(p->head, 2 * p->length + 64);
        if (p->head == NULL)
            abort();
    }
    p->head[p->length++] = byte;
    p->head[p->length] = '\0';
}

static bool ends_with(const struct parser *p, const char *text)
{
    size_t length = strlen(text);
    return p->length >= length && memcmp(p->head + p->length - length, text, length) == 0;
}

static void feed_line(struct parser *p, char byte)
{
    add(p, byte);
    if (p->state == HEAD && ends_with(p, "\r\n\r\n")) {
        end_head(p);
    } else if (p->state == SIZE && byte == '\n') {
        p->left = number(p->head, strcspn(p->head, "; \t\r\n"), 16);
        p->state = p->left > 0 ? DATA : TRAILER;
        p->length = 0;
    } else if (p->state == DATA_END && p->length == 2) {
        if (!ends_with(p, "\r\n"))
            die(WRONG, "a chunk that goes on");
        p->state = SIZE;
        p->length = 0;
    } else if (p->state == TRAILER && byte == '\n') {
        if (p->length == 2)
            done(p);
        p->length = 0;
    }
}

// Takes what belongs to this answer; returns how many bytes that were.
static size_t parser_feed(struct parser *p, const char *data, size_t length)
{
    size_t used = 0;
    p->began = p->began || length > 0;
    while (used < length && p->state != DONE) {
        size_t part = length - used;
        if (p->state == CLOSE) {
            out(p, data + used, part);
            used += part;
        } else if (p->state == LENGTH || p->state == DATA) {
            if (part > p->left)
                part = (size_t)p->left;
            out(p, data + used, part);
            used += part;
            p->left -= part;
            if (p->left == 0 && p->state == LENGTH)
                done(p);
            else if (p->left == 0)
                p->state = DATA_END;
        } else {
            feed_line(p, data[used++]);
        }
    }
    return used;
}

static void parser_end(struct parser *p, bool broken)
{
    if (p->state != CLOSE || broken)
        die(CUT, "the server hung up");
    done(p);
}

// ---- URLs.

struct url {
    char *authority, *host, *port, *path, *query;
};

static struct url url_of(const char *text)
{
    struct url url;
    for (const char *c = text; *c; c++)
        if (*c == ' ' || iscntrl((unsigned char)*c))
            die(BAD_URL, "a URL with blanks");
    if (strncasecmp(text, "http://", 7) != 0)
        die(BAD_URL, "not http");
    const char *rest = text + 7;
    url.authority = strndup(rest, strcspn(rest, "/?#"));
    rest += strlen(url.authority);
    url.path = strndup(rest, strcspn(rest, "?#"));
    rest += strlen(url.path);
    url.query = strndup(rest, strcspn(rest, "#"));
    char *host = url.authority, *port = strrchr(host, ':');
    if (*host == '[') {
        char *bracket = strchr(++host, ']');
        if (!bracket)
            die(BAD_URL, "no bracket");
        port = bracket[1] ? bracket + 1 : NULL;
        if (port && *port != ':')
            die(BAD_URL, "no port");
        url.host = strndup(host, (size_t)(bracket - host));
    } else {
        url.host = strndup(host, port ? (size_t)(port - host) : strlen(host));
    }
    url.port = strdup(port && port[1] ? port + 1 : "80");
    size_t digits = strspn(url.port, "0123456789");
    if (!*url.host || url.port[digits] || digits > 9 || atoi(url.port) < 1 ||
        atoi(url.port) > 65535)
        die(BAD_URL, "no host or no port");
    return url;
}

static void url_free(struct url *url)
{
    free(url->authority);
    free(url->host);
    free(url->port);
    free(url->path);
    free(url->query);
}

// Cuts the path at its slashes and joins what is left.
static void dots(char **path)
{
    char *joined = calloc(1, strlen(*path) + 3), *save = NULL;
    size_t length = strlen(*path);
    bool folder = false;
    for (char *name = *path + 1; name <= *path + length; name = save + 1) {
        save = name + strcspn(name, "/");
        *save = '\0';
        folder = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
        if (strcmp(name, "..") == 0) {
            char *slash = strrchr(joined, '/');
            if (slash)
                *slash = '\0';
        } else if (!folder) {
            strcat(strcat(joined, "/"), name);
        }
    }
    if (folder || !*joined)
        strcat(joined, "/");
    free(*path);
    *path = joined;
}

static struct url follow(const struct url *from, const char *to)
{
    size_t room = strlen(from->authority) + strlen(from->path) + strlen(from->query) + strlen(to);
    char *text = malloc(room + 20);
    size_t scheme = strcspn(to, ":/?#");
    const char *path = *from->path ? from->path : "/";
    if (to[scheme] == ':' && scheme > 0)
        strcpy(text, to);
    else if (to[0] == '/' && to[1] == '/')
        sprintf(text, "http:%s", to);
    else if (to[0] == '/')
        sprintf(text, "http://%s%s", from->authority, to);
    else if (to[0] == '?')
        sprintf(text, "http://%s%s%s", from->authority, path, to);
    else if (to[0] == '#' || to[0] == '\0')
        sprintf(text, "http://%s%s%s", from->authority, path, from->query);
    else
        sprintf(text, "http://%s%.*s/%s", from->authority, (int)(strrchr(path, '/') - path), path,
                to);
    struct url url = url_of(text);
    if (*url.path)
        dots(&url.path);
    free(text);
    return url;
}

// ---- What an including program brings: send the request, feed the parser until it is done.

static void ask(const struct url *url, const char *request, struct parser *parser);

#ifndef EXTRA_FIELDS
#define EXTRA_FIELDS ""
#endif

static int get(const char *text)
{
    struct url url = url_of(text);
    for (int redirects = 0;; redirects++) {
        struct parser parser = {0};
        char *request = malloc(strlen(url.path) + strlen(url.query) + strlen(url.authority) + 200);
        sprintf(
            request,
            "%s %s%s%s HTTP/1.1\r\naccept-encoding: gzip;q=0.9, x-gzip\r\nhost:%s\r\n" EXTRA_FIELDS
            "\r\n",
            head_only ? "HEAD" : "GET", *url.path ? "" : "/", url.path, url.query, url.authority);
        ask(&url, request, &parser);
        free(request);
        free(parser.head);
        int status = parser.status;
        if (!parser.location) {
            url_free(&url);
            return status;
        }
        if (redirects == 10)
            die(CIRCLE, "round and round");
        struct url next = follow(&url, parser.location);
        free(parser.location);
        url_free(&url);
        url = next;
    }
}

static char **urls_of(int count, char **arguments)
{
    (void)count;
    signal(SIGPIPE, SIG_IGN);
    for (arguments++; *arguments && **arguments == '-'; arguments++) {
        if (strcmp(*arguments, "-I") != 0)
            die(USAGE, "no such option");
        head_only = true;
    }
    if (!*arguments)
        die(USAGE, "which URL?");
    return arguments;
}

static struct addrinfo *addresses_of(const struct url *url)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    if (getaddrinfo(url->host, url->port, &hints, &list) != 0)
        die(UNKNOWN, "no such host");
    return list;
}
