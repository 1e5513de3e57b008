// SPDX-License-Identifier: MIT
// The rules for a request that a client sends: RFC 9112 sections 2, 3, 5 and 6.
#include "incoming.h"

#include <string.h>
#include <strings.h>

static const char line_ends[] = "RFC 9112 2.2: each line of the head ends in \\r\\n";
static const char request_line[] =
    "RFC 9112 3: a request line is a method, one blank, a target, one blank, HTTP/1.1";
static const char field_line[] =
    "RFC 9112 5: a field line is a name, a colon and a value, with no blank before the colon";

struct reader {
    const unsigned char *bytes;
    size_t length;
    bool closed;
    struct incoming_parse *out;
};

// One line without its \n.
struct line {
    size_t start, end;
    bool whole; // the \n is there
};

static bool wrong(struct reader *reader, size_t offset, const char *message, const char *expected,
                  const char *because)
{
    struct incoming_parse *out = reader->out;
    out->offset = offset;
    out->message = message;
    out->expected = expected;
    out->because = because;
    return false;
}

static struct line line_at(const struct reader *reader, size_t start)
{
    const unsigned char *found = memchr(reader->bytes + start, '\n', reader->length - start);
    size_t end = found != NULL ? (size_t)(found - reader->bytes) : reader->length;
    return (struct line){start, end, found != NULL};
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

// RFC 9110 5.6.2: the characters of a token.
static bool is_token(unsigned char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

// ---------------------------------------------------------------- every line

static bool judge_ending(struct reader *reader, const struct line *line, const char *message)
{
    if (!line->whole || (line->end > line->start && reader->bytes[line->end - 1] == '\r'))
        return true;
    return wrong(reader, line->end, message, "\r\n", line_ends);
}

static bool judge_text(struct reader *reader, const struct line *line, size_t from)
{
    for (size_t i = from; i < line->end; i++) {
        unsigned char c = reader->bytes[i];
        if (c == '\r' && i + 1 == line->end)
            continue; // the line's own ending, or its \n is still on the way
        if (c == '\r')
            return wrong(reader, i, "a line contains a \\r that no \\n follows", "\r\n",
                         "RFC 9112 2.2: a sender must not send a \\r that no \\n follows");
        if (c == '\0')
            return wrong(reader, i, "a line contains a NUL byte", NULL,
                         "RFC 9110 5.5: \\r, \\n and NUL are not allowed in field values");
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return wrong(reader, i, "a line contains a control byte", NULL,
                         "RFC 9110 5.5: field values hold printable characters and blanks");
    }
    return true;
}

// ---------------------------------------------------------------- the request line

static bool judge_method(struct reader *reader, const struct line *line, size_t *at)
{
    size_t i = line->start;
    if (i < line->end && (reader->bytes[i] == '\r' || reader->bytes[i] == ' '))
        return wrong(reader, i, "the request begins with a byte before its method", "GET",
                     "RFC 9112 2.2: a client must not put anything before the request line");
    if (line->whole && i == line->end)
        return wrong(reader, i, "the request begins with an empty line", "GET",
                     "RFC 9112 2.2: a client must not put anything before the request line");
    while (i < line->end && is_token(reader->bytes[i]))
        i++;
    reader->out->method_length = i - line->start;
    *at = i;
    if (i == line->end && !line->whole)
        return true;
    if (i == line->start || i >= line->end || reader->bytes[i] != ' ')
        return wrong(reader, i, "the request line has no blank behind the method", " ",
                     request_line);
    *at = i + 1;
    return true;
}

static bool judge_target_start(struct reader *reader, size_t at)
{
    const char *text = (const char *)reader->bytes + at;
    size_t left = reader->length - at;
    bool options = reader->out->method_length == 7 && memcmp(reader->bytes, "OPTIONS", 7) == 0;
    if (*text == '/' || (*text == '*' && options))
        return true;
    if (*text == ' ')
        return wrong(reader, at, "two blanks stand behind the method", "/", request_line);
    if (left >= 5 && strncasecmp(text, "http:", 5) == 0)
        return wrong(reader, at, "the target is a whole URL, expected its path", "/",
                     "RFC 9112 3.2.1: a client asks a server that is no proxy for the absolute "
                     "path and the query");
    return wrong(reader, at, "the target does not begin with /", "/",
                 "RFC 9112 3.2.1: the target is the absolute path and the query; without a path "
                 "it is /");
}

static bool judge_target(struct reader *reader, const struct line *line, size_t *at)
{
    size_t i = *at;
    if (i < line->end && !judge_target_start(reader, i))
        return false;
    while (i < line->end && reader->bytes[i] > 0x20 && reader->bytes[i] < 0x7f &&
           reader->bytes[i] != '#')
        i++;
    reader->out->target_offset = *at;
    reader->out->target_length = i - *at;
    if (i == line->end && !line->whole) {
        *at = i;
        return true;
    }
    if (i < line->end && reader->bytes[i] == '#')
        return wrong(reader, i, "the target holds a fragment", " ",
                     "RFC 9110 4.2.5: the fragment, from # on, is not a part of the request");
    if (i < line->end && reader->bytes[i] == ' ') {
        *at = i + 1;
        return true;
    }
    if (i == line->end || reader->bytes[i] == '\r')
        return wrong(reader, i, "the request line has no version", " HTTP/1.1", request_line);
    return wrong(reader, i, "the target holds a byte that no URL may have", NULL,
                 "RFC 3986 2: what is no letter, digit or one of a few signs is written %HH");
}

static bool judge_version(struct reader *reader, const struct line *line, size_t at)
{
    static const char begin[] = "HTTP/1.";
    size_t i = 0;
    size_t most = line->whole ? line->end + 1 : line->end;
    for (; i < sizeof begin - 1 && at + i < most; i++)
        if (reader->bytes[at + i] != (unsigned char)begin[i])
            return wrong(reader, at + i, "the version in the request line is not HTTP/1.1",
                         "HTTP/1.1", "RFC 9112 2.3: the version of this protocol is HTTP/1.1");
    size_t minor = at + sizeof begin - 1;
    if (minor < most && reader->bytes[minor] != '0' && reader->bytes[minor] != '1')
        return wrong(reader, minor, "the version in the request line is not HTTP/1.1", "HTTP/1.1",
                     "RFC 9112 2.3: the version of this protocol is HTTP/1.1");
    if (minor + 1 < line->end && reader->bytes[minor + 1] != '\r')
        return wrong(reader, minor + 1, "something stands behind the version", "\r\n",
                     request_line);
    return true;
}

static bool judge_request_line(struct reader *reader, const struct line *line)
{
    size_t at = 0;
    if (!judge_method(reader, line, &at) || !judge_target(reader, line, &at))
        return false;
    if (at < line->end && !judge_version(reader, line, at))
        return false;
    if (at >= line->end && line->whole)
        return wrong(reader, at, "the request line has no version", "HTTP/1.1", request_line);
    return judge_text(reader, line, at) &&
           judge_ending(reader, line, "the request line ends in \\n without \\r before it");
}

// ---------------------------------------------------------------- fields

// `at` is the first byte that is neither part of a name nor the colon behind it.
static bool bad_name(struct reader *reader, const struct line *line, size_t at)
{
    size_t next = at;
    while (next < line->end && is_blank(reader->bytes[next]))
        next++;
    if (next > at && next < line->end && reader->bytes[next] == ':')
        return wrong(reader, at, "a blank stands between a field name and its colon", ":",
                     "RFC 9112 5.1: no blank is allowed between field name and colon");
    if (memchr(reader->bytes + at, ':', line->end - at) != NULL)
        return wrong(reader, at, "a field name contains a byte that no name may have", NULL,
                     "RFC 9110 5.1: a field name is a token: letters, digits, - and a few more");
    return !line->whole || wrong(reader, at, "a field line has no colon", ":", field_line);
}

static bool judge_name(struct reader *reader, const struct line *line, size_t *colon)
{
    const unsigned char *bytes = reader->bytes;
    size_t i = line->start;
    if (is_blank(bytes[i]))
        return wrong(reader, i, "a line of the head begins with a blank", NULL,
                     "RFC 9112 5.2: a sender must not fold a field over several lines");
    while (i < line->end && is_token(bytes[i]))
        i++;
    *colon = i;
    if (i == line->end)
        return !line->whole || wrong(reader, i, "a field line has no colon", ":", field_line);
    if (bytes[i] == ':' && i > line->start)
        return true;
    if (bytes[i] == ':')
        return wrong(reader, i, "a field line has no name before its colon", NULL, field_line);
    if (bytes[i] == '\r' && i + 1 == line->end)
        return !line->whole || wrong(reader, i, "a field line has no colon", ":", field_line);
    return bad_name(reader, line, i);
}

static bool note_length(struct reader *reader, size_t from, size_t to)
{
    static const char digits[] = "RFC 9110 8.6: Content-Length is a number of bytes, digits alone";
    struct incoming_parse *out = reader->out;
    uint64_t length = 0;
    if (from == to)
        return wrong(reader, from, "Content-Length has no value", "0", digits);
    for (size_t i = from; i < to; i++) {
        if (!is_digit(reader->bytes[i]))
            return wrong(reader, i, "Content-Length is no number", NULL, digits);
        if (length > (INT64_MAX - 9) / 10)
            return wrong(reader, from, "Content-Length is too large a number", NULL, digits);
        length = length * 10 + (uint64_t)(reader->bytes[i] - '0');
    }
    if (out->has_length)
        return wrong(reader, from, "the request has two Content-Length fields", NULL,
                     "RFC 9110 8.6: a message has one length");
    out->has_length = true;
    out->length = length;
    return true;
}

static bool note_field(struct reader *reader, const struct line *line, size_t colon)
{
    const char *name = (const char *)reader->bytes + line->start;
    size_t length = colon - line->start;
    size_t from = colon + 1, to = line->end - 1; // without the \r
    while (from < to && is_blank(reader->bytes[from]))
        from++;
    while (to > from && is_blank(reader->bytes[to - 1]))
        to--;
    if (length == 4 && strncasecmp(name, "Host", 4) == 0 && ++reader->out->hosts > 1)
        return wrong(reader, line->start, "the request has a second Host field", NULL,
                     "RFC 9112 3.2: a request has exactly one Host");
    if (length == 4 && strncasecmp(name, "Host", 4) == 0 && from == to)
        return wrong(reader, from, "Host has no value", NULL,
                     "RFC 9110 7.2: Host is the URL's host, and its port where that is not 80");
    if (length == 14 && strncasecmp(name, "Content-Length", 14) == 0)
        return note_length(reader, from, to);
    if (length == 17 && strncasecmp(name, "Transfer-Encoding", 17) == 0)
        return wrong(reader, line->start, "the request has a Transfer-Encoding", NULL,
                     "a request without a body has no coding; one with a body has a Content-Length "
                     "here");
    return true;
}

static bool judge_field_line(struct reader *reader, const struct line *line)
{
    size_t colon = line->start;
    if (!judge_name(reader, line, &colon))
        return false;
    bool has_colon = colon < line->end && reader->bytes[colon] == ':';
    if (has_colon && !judge_text(reader, line, colon + 1))
        return false;
    if (!judge_ending(reader, line, "a field line ends in \\n without \\r before it"))
        return false;
    return !line->whole || note_field(reader, line, colon);
}

static bool is_empty(const struct reader *reader, const struct line *line)
{
    return line->whole && (line->end == line->start ||
                           (line->end == line->start + 1 && reader->bytes[line->start] == '\r'));
}

// False: a rule is broken. *out_end: behind the head when it is whole, else 0.
static bool judge_fields(struct reader *reader, size_t at, size_t *out_end)
{
    *out_end = 0;
    while (at < reader->length) {
        struct line line = line_at(reader, at);
        bool only_return =
            !line.whole && line.end == line.start + 1 && reader->bytes[line.start] == '\r';
        if (is_empty(reader, &line)) {
            *out_end = line.end + 1;
            return judge_ending(reader, &line, "the empty line is \\n without \\r before it");
        }
        if (!only_return && !judge_field_line(reader, &line))
            return false;
        if (!line.whole)
            return true;
        at = line.end + 1;
    }
    return true;
}

// ---------------------------------------------------------------- the whole

static bool judge_host(struct reader *reader)
{
    struct incoming_parse *out = reader->out;
    // The version's last digit stands before the first line's \r\n.
    struct line first = line_at(reader, 0);
    if (out->hosts > 0 || reader->bytes[first.end - 2] == '0')
        return true;
    return wrong(reader, out->head_length - 2, "the request has no Host field",
                 "Host: ", "RFC 9112 3.2: a client must send a Host in every HTTP/1.1 request");
}

static enum kit_http_verdict cut_off(struct reader *reader, const char *message,
                                     const char *because)
{
    if (!reader->closed)
        return KIT_HTTP_MORE;
    reader->out->truncated = true;
    wrong(reader, reader->length, message, NULL, because);
    return KIT_HTTP_WRONG;
}

enum kit_http_verdict incoming_parse(const unsigned char *bytes, size_t length, bool closed,
                                     struct incoming_parse *out)
{
    *out = (struct incoming_parse){0};
    struct reader reader = {bytes, length, closed, out};
    static const char no_end[] = "the request ends before its empty line";
    static const char empty_line[] = "RFC 9112 2.1: an empty line, \\r\\n, ends the head";
    if (length == 0)
        return cut_off(&reader, "no request came", request_line);
    struct line first = line_at(&reader, 0);
    if (!judge_request_line(&reader, &first))
        return KIT_HTTP_WRONG;
    if (!first.whole)
        return cut_off(&reader, no_end, empty_line);
    size_t end = 0;
    if (!judge_fields(&reader, first.end + 1, &end))
        return KIT_HTTP_WRONG;
    if (end == 0)
        return cut_off(&reader, no_end, empty_line);
    out->head_length = end;
    if (!judge_host(&reader))
        return KIT_HTTP_WRONG;
    if (length - end < out->length)
        return cut_off(&reader, "the request's body ends before its Content-Length",
                       "RFC 9112 6.3: a body has as many bytes as its Content-Length says");
    out->total = end + (size_t)out->length;
    return KIT_HTTP_WHOLE;
}
