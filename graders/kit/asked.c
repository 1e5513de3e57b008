// SPDX-License-Identifier: MIT
/*
 * Which request an answer belongs to: a lenient walk over the bytes that were sent, for messages
 * alone. Checks send broken requests on purpose, so the walk guesses and never fails.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "net.h"

enum { name_most = 40 };

static size_t find(struct kit_bytes bytes, size_t from, const char *what)
{
    size_t length = strlen(what);
    if (from >= bytes.length)
        return bytes.length;
    const unsigned char *found = memmem(bytes.data + from, bytes.length - from, what, length);
    return found == NULL ? bytes.length : (size_t)(found - bytes.data);
}

static size_t end_of(size_t found, size_t length, struct kit_bytes bytes)
{
    return found >= bytes.length ? bytes.length : found + length;
}

// The value of a field of the head in [start, end), or NULL. `name` with its colon.
static const char *value_of(struct kit_bytes sent, size_t start, size_t end, const char *name)
{
    size_t length = strlen(name);
    for (size_t at = end_of(find(sent, start, "\r\n"), 2, sent); at + length < end;
         at = end_of(find(sent, at, "\r\n"), 2, sent))
        if (strncasecmp((const char *)sent.data + at, name, length) == 0)
            return (const char *)sent.data + at + length;
    return NULL;
}

// Digits of bytes that no NUL ends; stops at anything else.
static size_t number_at(struct kit_bytes sent, size_t at, unsigned base)
{
    size_t number = 0;
    for (; at < sent.length && number < sent.length; at++) {
        unsigned char c = sent.data[at];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)c - '0'
                         : c >= 'a' && c <= 'f' ? (unsigned)c - 'a' + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)c - 'A' + 10
                                                : base;
        if (digit >= base)
            break;
        number = number * base + digit;
    }
    return number;
}

static size_t end_of_chunks(struct kit_bytes sent, size_t at)
{
    while (at < sent.length) {
        size_t size = number_at(sent, at, 16);
        size_t data = end_of(find(sent, at, "\r\n"), 2, sent);
        if (size == 0) // trailers and the empty line
            return end_of(find(sent, data - (data >= 2 ? 2 : 0), "\r\n\r\n"), 4, sent);
        at = size < sent.length - data ? data + size + 2 : sent.length;
    }
    return sent.length;
}

static size_t end_of_request(struct kit_bytes sent, size_t start)
{
    size_t head = end_of(find(sent, start, "\r\n\r\n"), 4, sent);
    const char *coding = value_of(sent, start, head, "Transfer-Encoding:");
    if (coding != NULL)
        return end_of_chunks(sent, head);
    const char *length = value_of(sent, start, head, "Content-Length:");
    if (length == NULL)
        return head;
    size_t at = (size_t)((const unsigned char *)length - sent.data);
    while (at < head && sent.data[at] == ' ')
        at++;
    size_t body = number_at(sent, at, 10);
    return body < sent.length - head ? head + body : sent.length;
}

// Method and target of the request line; the whole line when it is none.
static const char *name_at(struct kit_bytes sent, size_t start)
{
    size_t end = start, blanks = 0;
    for (; end < sent.length && sent.data[end] != '\r' && sent.data[end] != '\n'; end++)
        if (sent.data[end] == ' ' && ++blanks == 2)
            break;
    auto_str struct str name = STR_INIT;
    size_t length = end - start;
    text_append_escaped(&name, sent.data + start, length > name_most ? name_most : length);
    if (length > name_most)
        str_append(&name, "...");
    return kit_format("%s", str_text(&name));
}

const char *asked_name(struct kit_bytes sent, size_t index)
{
    size_t start = 0, last = 0;
    for (size_t i = 0; start < sent.length; i++) {
        while (start < sent.length && (sent.data[start] == '\r' || sent.data[start] == '\n'))
            start++;
        if (start >= sent.length)
            break;
        last = start;
        if (i == index)
            break;
        start = end_of_request(sent, start);
    }
    return last < sent.length ? name_at(sent, last) : "";
}
