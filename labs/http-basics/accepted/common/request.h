// SPDX-License-Identifier: MIT
/*
 * A parser that bytes are pushed into. It never reads, never waits and does not care how the bytes
 * were cut up, so it serves an epoll loop and a blocking thread alike. request_next() eats bytes
 * until something can be told:
 *
 *   REQUEST_HEAD   the head is complete: method, path and the fields below are known
 *   REQUEST_BODY   a piece of the body lies at `piece`
 *   REQUEST_END    the request is complete; the next byte begins another one
 *   REQUEST_BAD    it breaks a rule; `status` says which answer that deserves
 *   REQUEST_HUNGRY all bytes were eaten and more are wanted
 */
#ifndef ACCEPTED_REQUEST_H
#define ACCEPTED_REQUEST_H

#include "bytes.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <strings.h>

enum {
    REQUEST_HEAD_LIMIT = 32 * 1024,       /* request line and fields; trailers again */
    REQUEST_BODY_LIMIT = 8 * 1024 * 1024, /* after the chunks were put together */
    REQUEST_CHUNK_LINE_LIMIT = 4096,      /* size and extensions of one chunk */
};

enum request_event { REQUEST_HUNGRY, REQUEST_HEAD, REQUEST_BODY, REQUEST_END, REQUEST_BAD };

enum request_state {
    READ_REQUEST_LINE,
    READ_FIELDS,
    READ_BODY,
    READ_CHUNK_SIZE,
    READ_CHUNK_DATA,
    READ_CHUNK_CR,
    READ_CHUNK_LF,
    READ_TRAILERS,
    READ_NOTHING, /* complete, not yet told */
    READ_REFUSED,
};

struct request {
    enum request_state state;
    int status;        /* why it is REQUEST_BAD */
    struct bytes line; /* the line that is being read */
    size_t head_size;  /* bytes of the head, or of the trailers, so far */

    struct bytes method;
    struct bytes path; /* percent-decoded, without query; may hold NULs */
    struct bytes user_agent, accept_encoding, range;
    bool is_1_0, has_host, has_range, has_if_range, has_length, has_coding;
    bool wants_close, wants_continue;
    bool is_chunked;
    uint64_t length;    /* Content-Length */
    uint64_t left;      /* of the body or of the chunk */
    uint64_t body_size; /* of all chunks so far */

    const char *piece;
    size_t piece_size;
};

static inline void request_release(struct request *request)
{
    struct bytes *all[] = {&request->line,       &request->method,          &request->path,
                           &request->user_agent, &request->accept_encoding, &request->range};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bytes_release(all[i]);
}

/* Ready for the next request on the same connection. */
static inline void request_reset(struct request *request)
{
    request_release(request);
    *request = (struct request){0};
}

/* Whether a first byte of a request came and its last one did not. */
static inline bool request_is_begun(const struct request *request)
{
    return request->head_size > 0;
}

static inline bool request_has_body(const struct request *request)
{
    return request->is_chunked || request->length > 0;
}

static inline void request_refuse(struct request *request, int status)
{
    request->state = READ_REFUSED;
    request->status = status;
}

/* RFC 9110 5.6.2 */
static inline bool is_token(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)at[i]) && (!at[i] || !strchr("!#$%&'*+-.^_`|~", at[i])))
            return false;
    return size > 0;
}

static inline int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* One more digit at the end of a number; false when it is none in this base or does not fit. */
static inline bool number_add(uint64_t *number, unsigned base, char digit)
{
    int value = hex_digit(digit);
    return value >= 0 && (unsigned)value < base && !__builtin_mul_overflow(*number, base, number) &&
           !__builtin_add_overflow(*number, (unsigned)value, number);
}

/* Cut the next element off a comma-separated list; false when there is none left. */
static inline bool list_next(const char **list, const char **element, size_t *size)
{
    const char *at = *list + strspn(*list, ", \t");
    if (!*at)
        return false;
    size_t length = strcspn(at, ",");
    *list = at + length;
    while (length && strchr(" \t", at[length - 1]))
        length--;
    *element = at;
    *size = length;
    return true;
}

static inline bool is_word(const char *at, size_t size, const char *word)
{
    return size == strlen(word) && !strncasecmp(at, word, size);
}

/* ---- the fields that this server heeds; `value` is trimmed and ends in a NUL ---- */

static inline void take_host(struct request *request, const char *value)
{
    (void)value;
    if (request->has_host) /* RFC 9112 3.2: more than one is a 400 */
        request_refuse(request, 400);
    request->has_host = true;
}

static inline void take_connection(struct request *request, const char *value)
{
    const char *element;
    size_t size;
    while (list_next(&value, &element, &size))
        if (is_word(element, size, "close"))
            request->wants_close = true;
}

static inline void take_content_length(struct request *request, const char *value)
{
    uint64_t length = 0;
    if (!*value)
        request_refuse(request, 400);
    for (const char *at = value; *at; at++)
        if (!number_add(&length, 10, *at)) {
            request_refuse(request, 400);
            return;
        }
    if (request->has_length && request->length != length) /* RFC 9112 6.3: smuggling */
        request_refuse(request, 400);
    request->has_length = true;
    request->length = length;
}

static inline void take_transfer_encoding(struct request *request, const char *value)
{
    request->is_chunked = !request->has_coding && !strcasecmp(value, "chunked");
    request->has_coding = true;
}

static inline void take_expect(struct request *request, const char *value)
{
    request->wants_continue = !strcasecmp(value, "100-continue");
}

static inline void take_accept_encoding(struct request *request, const char *value)
{
    bytes_print(&request->accept_encoding, ",%s", value);
}

static inline void take_user_agent(struct request *request, const char *value)
{
    bytes_clear(&request->user_agent);
    bytes_print(&request->user_agent, "%s", value);
}

static inline void take_range(struct request *request, const char *value)
{
    bytes_clear(&request->range);
    bytes_print(&request->range, "%s", value);
    request->has_range = true;
}

static inline void take_if_range(struct request *request, const char *value)
{
    (void)value;
    request->has_if_range = true;
}

static const struct {
    const char *name;
    void (*take)(struct request *request, const char *value);
} request_fields[] = {
    {"host", take_host},
    {"connection", take_connection},
    {"content-length", take_content_length},
    {"transfer-encoding", take_transfer_encoding},
    {"expect", take_expect},
    {"accept-encoding", take_accept_encoding},
    {"user-agent", take_user_agent},
    {"range", take_range},
    {"if-range", take_if_range},
};

/* ---- lines; each is handed over without its CRLF, ending in a NUL ---- */

static inline bool request_decode_path(struct request *request, const char *target, size_t size)
{
    for (size_t i = 0; i < size && target[i] != '?'; i++) {
        char byte = target[i];
        if ((unsigned char)byte < 0x20 || byte == 0x7f)
            return false;
        if (byte == '%') {
            int high = i + 2 < size ? hex_digit(target[i + 1]) : -1;
            int low = i + 2 < size ? hex_digit(target[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            byte = (char)(high * 16 + low);
            i += 2;
        }
        bytes_add(&request->path, &byte, 1);
    }
    return true;
}

static inline bool request_take_target(struct request *request, const char *target, size_t size)
{
    if (size >= 7 && !strncasecmp(target, "http://", 7)) { /* absolute-form, RFC 9112 3.2.2 */
        size_t authority = 7 + strcspn(target + 7, "/? ");
        target += authority;
        size -= authority;
        if (!size || *target != '/')
            bytes_add(&request->path, "/", 1);
    } else if (*target != '/' && !is_word(target, size, "*")) {
        return false;
    }
    return request_decode_path(request, target, size);
}

static inline void request_take_request_line(struct request *request)
{
    const char *method = request->line.at;
    const char *end = method + request->line.size;
    const char *target = memchr(method, ' ', request->line.size);
    const char *version = target ? memchr(target + 1, ' ', (size_t)(end - target - 1)) : NULL;

    if (!version || version == target + 1 || !is_token(method, (size_t)(target - method)) ||
        end - version != 9 || strncmp(version, " HTTP/", 6) || version[7] != '.' ||
        !isdigit((unsigned char)version[6]) || !isdigit((unsigned char)version[8])) {
        request_refuse(request, 400);
        return;
    }
    if (version[6] != '1') {
        request_refuse(request, 505);
        return;
    }
    request->is_1_0 = version[8] == '0';
    bytes_add(&request->method, method, (size_t)(target - method));
    if (request_take_target(request, target + 1, (size_t)(version - target - 1)))
        request->state = READ_FIELDS;
    else
        request_refuse(request, 400);
}

/* The head is complete: what is wrong with it as a whole, and how does the body end? */
static inline void request_end_head(struct request *request)
{
    request->state = READ_NOTHING;
    if (!request->has_host && !request->is_1_0)
        request_refuse(request, 400);
    else if (request->has_coding && (request->has_length || request->is_1_0))
        request_refuse(request, 400);
    else if (request->has_coding && !request->is_chunked)
        request_refuse(request, 501);
    else if (request->length > REQUEST_BODY_LIMIT)
        request_refuse(request, 413);
    else if (request->is_chunked)
        request->state = READ_CHUNK_SIZE;
    else if (request->length > 0)
        request->state = READ_BODY;
    request->left = request->length;
}

/* Split `line` into name and trimmed value; false when it is no field line (RFC 9112 5). */
static inline bool request_split_field(struct bytes *line, size_t *name_size, char **value)
{
    char *colon = memchr(line->at, ':', line->size);
    if (!colon || !is_token(line->at, (size_t)(colon - line->at)))
        return false;
    char *end = line->at + line->size;
    for (char *at = colon + 1; at < end; at++)
        if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
            return false;
    while (end > colon + 1 && strchr(" \t", end[-1]))
        end--;
    *end = '\0';
    *value = colon + 1 + strspn(colon + 1, " \t");
    *name_size = (size_t)(colon - line->at);
    return true;
}

static inline void request_take_field(struct request *request)
{
    char *value;
    size_t size;
    if (!request_split_field(&request->line, &size, &value)) {
        request_refuse(request, 400);
        return;
    }
    for (size_t i = 0; i < sizeof request_fields / sizeof *request_fields; i++)
        if (is_word(request->line.at, size, request_fields[i].name))
            request_fields[i].take(request, value);
}

static inline void request_take_chunk_size(struct request *request)
{
    const char *at = request->line.at;
    uint64_t size = 0;
    do {
        if (!number_add(&size, 16, *at)) {
            request_refuse(request, 400);
            return;
        }
        at++;
    } while (isxdigit((unsigned char)*at));
    /* Extensions are skipped. */
    if (at[strspn(at, " \t")] != ';' && at != request->line.at + request->line.size) {
        request_refuse(request, 400);
        return;
    }
    request->left = size;
    request->state = size ? READ_CHUNK_DATA : READ_TRAILERS;
    if (size > REQUEST_BODY_LIMIT - request->body_size)
        request_refuse(request, 413);
    else
        request->body_size += size;
}

static inline void request_take_trailer(struct request *request)
{
    char *value;
    size_t size;
    if (!request_split_field(&request->line, &size, &value))
        request_refuse(request, 400);
}

static inline void request_take_line(struct request *request)
{
    bool is_empty = request->line.size == 0;
    switch (request->state) {
    case READ_REQUEST_LINE:
        if (is_empty) /* RFC 9112 2.2: skipped, and no request has begun */
            request->head_size = 0;
        else
            request_take_request_line(request);
        break;
    case READ_FIELDS:
        if (is_empty)
            request_end_head(request);
        else
            request_take_field(request);
        break;
    case READ_CHUNK_SIZE:
        request_take_chunk_size(request);
        break;
    case READ_TRAILERS:
        if (is_empty)
            request->state = READ_NOTHING;
        else
            request_take_trailer(request);
        break;
    default:
        abort();
    }
}

static inline int request_line_overflow(const struct request *request)
{
    if (request->state == READ_CHUNK_SIZE)
        return request->line.size > REQUEST_CHUNK_LINE_LIMIT ? 400 : 0;
    if (request->head_size <= REQUEST_HEAD_LIMIT)
        return 0;
    return request->state == READ_REQUEST_LINE ? 414 : 431;
}

/* Eat bytes up to the end of the line and take the line when it is there. */
static inline size_t request_eat_line(struct request *request, const char *bytes, size_t size)
{
    const char *feed = memchr(bytes, '\n', size);
    size_t eaten = feed ? (size_t)(feed - bytes) + 1 : size;
    struct bytes *line = &request->line;

    bytes_add(line, bytes, eaten);
    request->head_size += eaten;
    int overflow = request_line_overflow(request);
    if (overflow) {
        request_refuse(request, overflow);
        return eaten;
    }
    /* Something that is no HTTP at all, a TLS hello say, may never send a line's end. */
    if (request->state == READ_REQUEST_LINE && *line->at != '\r' && !is_token(line->at, 1)) {
        request_refuse(request, 400);
        return eaten;
    }
    if (!feed)
        return eaten;
    if (line->size < 2 || line->at[line->size - 2] != '\r') {
        request_refuse(request, 400);
        return eaten;
    }
    line->size -= 2;
    line->at[line->size] = '\0';
    request_take_line(request);
    bytes_clear(line);
    return eaten;
}

/* Eat bytes of the body, or of a chunk. */
static inline size_t request_eat_data(struct request *request, const char *bytes, size_t size)
{
    request->piece = bytes;
    request->piece_size = size < request->left ? size : (size_t)request->left;
    request->left -= request->piece_size;
    if (!request->left)
        request->state = request->is_chunked ? READ_CHUNK_CR : READ_NOTHING;
    return request->piece_size;
}

/* The CRLF behind a chunk's data. */
static inline void request_eat_chunk_end(struct request *request, char byte)
{
    bool is_cr = request->state == READ_CHUNK_CR;
    if (byte != (is_cr ? '\r' : '\n')) {
        request_refuse(request, 400);
        return;
    }
    request->state = is_cr ? READ_CHUNK_LF : READ_CHUNK_SIZE;
    request->head_size = 1; /* trailers are counted anew; 0 would say that nothing began */
}

/* Push bytes in. `*eaten` says how many were used; `bytes` must live until `piece` was used. */
static inline enum request_event request_next(struct request *request, const char *bytes,
                                              size_t size, size_t *eaten)
{
    *eaten = 0;
    for (;;) {
        bool in_head = request->state <= READ_FIELDS;
        size_t left = size - *eaten;
        if (request->state == READ_REFUSED)
            return REQUEST_BAD;
        if (request->state == READ_NOTHING)
            return REQUEST_END;
        if (!left)
            return REQUEST_HUNGRY;

        if (request->state == READ_BODY || request->state == READ_CHUNK_DATA) {
            *eaten += request_eat_data(request, bytes + *eaten, left);
            return REQUEST_BODY;
        }
        if (request->state == READ_CHUNK_CR || request->state == READ_CHUNK_LF)
            request_eat_chunk_end(request, bytes[(*eaten)++]);
        else
            *eaten += request_eat_line(request, bytes + *eaten, left);
        if (in_head && request->state > READ_FIELDS && request->state != READ_REFUSED)
            return REQUEST_HEAD;
    }
}

#endif
