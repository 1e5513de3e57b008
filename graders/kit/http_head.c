// SPDX-License-Identifier: MIT
// The rules for the lines of a head: RFC 9112 sections 2 to 6.
#include "http.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

static const char line_ends[] = "RFC 9112 2.2: each line of the head ends in \\r\\n";
static const char status_line[] =
    "RFC 9112 4: a status line is HTTP/1.1, a blank, three digits, a blank, a reason or none";
static const char field_line[] =
    "RFC 9112 5: a field line is a name, a colon and a value, with no blank before the colon";

bool http_wrong(struct http_reader *reader, size_t offset, const char *message,
                const char *expected, const char *because)
{
    reader->verdict = KIT_HTTP_WRONG;
    reader->out.offset = offset;
    reader->out.message = message;
    reader->out.expected = expected;
    reader->out.because = because;
    return false;
}

static const char *made_message(struct http_reader *reader)
{
    return str_text(&reader->out.made);
}

// Bytes that may be looked at: the line's own and its \n.
static size_t judged_end(const struct http_line *line)
{
    return line->whole ? line->end + 1 : line->end;
}

bool http_judge_text(struct http_reader *reader, const struct http_line *line, size_t from)
{
    for (size_t i = from; i < line->end; i++) {
        unsigned char c = line->bytes[i];
        if (c == '\r') {
            if (i + 1 == line->end)
                continue; // the line's own ending, or its \n is still on the way
            return http_wrong(reader, i, "a line contains a \\r that no \\n follows", "\r\n",
                              "RFC 9112 2.2: a server must not send a \\r that no \\n follows");
        }
        if (c == '\0')
            return http_wrong(reader, i, "a line contains a NUL byte", NULL,
                              "RFC 9110 5.5: \\r, \\n and NUL are not allowed in field values");
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return http_wrong(reader, i, "a line contains a control byte", NULL,
                              "RFC 9110 5.5: field values hold printable characters and blanks");
    }
    return true;
}

bool http_judge_ending(struct http_reader *reader, const struct http_line *line)
{
    if (!line->whole || (line->end > line->start && line->bytes[line->end - 1] == '\r'))
        return true;
    const char *message = reader->stage == HTTP_STATUS_LINE
                              ? "the status line ends in \\n without \\r before it"
                          : line->end == line->start ? "the empty line is \\n without \\r before it"
                          : reader->stage == HTTP_CHUNK_SIZE
                              ? "the line with the chunk's size ends in \\n without \\r before it"
                              : "a field line ends in \\n without \\r before it";
    const char *because =
        reader->stage == HTTP_CHUNK_SIZE
            ? "RFC 9112 7.1: the size of a chunk and its data are each followed by \\r\\n"
            : line_ends;
    return http_wrong(reader, line->end, message, "\r\n", because);
}

// The answer begins with something else.
static bool no_status_line(struct http_reader *reader, const struct http_line *line, size_t at)
{
    size_t start = line->start;
    if (at - start < 5 && line->end - start >= 5 &&
        strncasecmp((const char *)line->bytes + start, "HTTP/", 5) == 0)
        return http_wrong(reader, at, "HTTP in the status line is not in capital letters",
                          "HTTP/1.1", "RFC 9112 2.3: the version's letter case counts");
    if (at - start >= 5)
        return http_wrong(reader, at, "the version in the status line is not HTTP/1.1", "HTTP/1.1",
                          "RFC 9112 2.3: the version of this protocol is HTTP/1.1");
    size_t shown = line->end - start;
    if (shown > 0 && line->bytes[line->end - 1] == '\r')
        shown--;
    if (shown > 40)
        shown = 40;
    str_append(&reader->out.made, "the answer begins with \"");
    text_append_escaped(&reader->out.made, line->bytes + start, shown);
    str_append(&reader->out.made, "\", expected a status line");
    return http_wrong(reader, at, made_message(reader), "HTTP/1.1 ", status_line);
}

static bool judge_version(struct http_reader *reader, const struct http_line *line)
{
    static const char begin[] = "HTTP/1.";
    size_t end = judged_end(line);
    for (size_t i = 0; i < sizeof begin - 1 && line->start + i < end; i++)
        if (line->bytes[line->start + i] != (unsigned char)begin[i])
            return no_status_line(reader, line, line->start + i);
    size_t minor = line->start + 7;
    if (minor < end && line->bytes[minor] != '1' && line->bytes[minor] != '0')
        return no_status_line(reader, line, minor);
    size_t blank = line->start + 8;
    if (blank >= end || line->bytes[blank] == ' ')
        return true;
    unsigned char c = line->bytes[blank];
    if (c == '\r' || c == '\n')
        return http_wrong(reader, blank, "the status line has no status code", " 200 ",
                          status_line);
    return http_wrong(reader, blank, "the status line has no blank after the version", " ",
                      status_line);
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool judge_code(struct http_reader *reader, const struct http_line *line)
{
    size_t end = judged_end(line);
    size_t code = line->start + 9;
    for (size_t i = code; i < code + 3 && i < end; i++) {
        if (!is_digit(line->bytes[i]))
            return http_wrong(reader, i,
                              i == code && line->bytes[i] == ' '
                                  ? "two blanks stand before the status code"
                                  : "the status code is not three digits",
                              "200", status_line);
        if (i == code && (line->bytes[i] < '1' || line->bytes[i] > '5'))
            return http_wrong(reader, i, "the status code is not between 100 and 599", "200",
                              "RFC 9110 15: a status code is a number from 100 to 599");
    }
    size_t blank = code + 3;
    if (blank >= end || line->bytes[blank] == ' ')
        return true;
    if (is_digit(line->bytes[blank]))
        return http_wrong(reader, blank, "the status code has more than three digits", " ",
                          status_line);
    return http_wrong(reader, blank, "the status line has no blank after the status code", " ",
                      "RFC 9112 4: the blank is there even when no reason follows");
}

bool http_judge_status_line(struct http_reader *reader, const struct http_line *line)
{
    if (!judge_version(reader, line) || !judge_code(reader, line))
        return false;
    size_t reason = line->start + 13;
    if (reason <= line->end && !http_judge_text(reader, line, reason))
        return false;
    if (!http_judge_ending(reader, line))
        return false;
    if (line->whole) {
        const unsigned char *code = line->bytes + line->start + 9;
        reader->out.status = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
    }
    return true;
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

// `at` is the first byte that is neither part of a name nor the colon behind it.
static bool bad_name(struct http_reader *reader, const struct http_line *line, size_t at)
{
    size_t next = at;
    while (next < line->end && is_blank(line->bytes[next]))
        next++;
    if (next > at && next < line->end && line->bytes[next] == ':')
        return http_wrong(reader, at, "a blank stands between a field name and its colon", ":",
                          "RFC 9112 5.1: no blank is allowed between field name and colon");
    if (memchr(line->bytes + at, ':', line->end - at) != NULL)
        return http_wrong(reader, at, "a field name contains a byte that no name may have", NULL,
                          "RFC 9110 5.1: a field name is a token: letters, digits, - and a few "
                          "more");
    if (!line->whole)
        return true; // the colon may still come
    return http_wrong(reader, at, "a field line has no colon", ":", field_line);
}

static bool judge_name(struct http_reader *reader, const struct http_line *line, size_t *colon)
{
    size_t i = line->start;
    if (i < line->end && is_blank(line->bytes[i]))
        return http_wrong(reader, i, "a line of the head begins with a blank", NULL,
                          "RFC 9112 5.2: a server must not fold a field over several lines");
    while (i < line->end && is_token(line->bytes[i]))
        i++;
    *colon = i;
    if (i == line->end)
        return !line->whole || http_wrong(reader, i, "a field line has no colon", ":", field_line);
    if (line->bytes[i] != ':')
        return bad_name(reader, line, i);
    if (i == line->start)
        return http_wrong(reader, i, "a field line has no name before its colon", NULL, field_line);
    return true;
}

// ---------------------------------------------------------------- lengths and codings

static bool note_length(struct http_reader *reader, const unsigned char *bytes, size_t from,
                        size_t to)
{
    static const char digits[] = "RFC 9110 8.6: Content-Length is a number of bytes, digits alone";
    struct kit_http_parse *out = &reader->out;
    uint64_t length = 0;
    if (from == to)
        return http_wrong(reader, from, "Content-Length has no value", "0", digits);
    for (size_t i = from; i < to; i++) {
        if (!is_digit(bytes[i])) {
            str_append(&out->made, "Content-Length is ");
            text_append_escaped(&out->made, bytes + from, to - from > 40 ? 40 : to - from);
            str_append(&out->made, ", expected digits alone");
            return http_wrong(reader, i, made_message(reader), NULL, digits);
        }
        if (length > (INT64_MAX - 9) / 10)
            return http_wrong(reader, from, "Content-Length is too large a number", NULL, digits);
        length = length * 10 + (uint64_t)(bytes[i] - '0');
    }
    if (out->has_length && out->length != length) {
        str_append_format(&out->made, "two Content-Length fields differ: %llu and %llu",
                          (unsigned long long)out->length, (unsigned long long)length);
        return http_wrong(reader, from, made_message(reader), NULL,
                          "RFC 9112 6.3: an answer with lengths that differ cannot be read");
    }
    out->has_length = true;
    out->length = length;
    out->length_offset = from;
    return true;
}

static bool note_coding(struct http_reader *reader, const unsigned char *bytes, size_t from,
                        size_t to)
{
    struct kit_http_parse *out = &reader->out;
    if (to - from != 7 || strncasecmp((const char *)bytes + from, "chunked", 7) != 0) {
        str_append(&out->made, from == to ? "Transfer-Encoding is empty" : "Transfer-Encoding is ");
        text_append_escaped(&out->made, bytes + from, to - from > 40 ? 40 : to - from);
        str_append(&out->made, ", expected chunked");
        return http_wrong(reader, from, made_message(reader), "chunked",
                          "RFC 9112 7.4: a client that sends no TE takes no coding but chunked");
    }
    if (out->chunked)
        return http_wrong(reader, from, "Transfer-Encoding names chunked twice", NULL,
                          "RFC 9112 6.1: chunked must not be applied more than once");
    out->chunked = true;
    reader->coding_offset = from;
    return true;
}

static bool note_codings(struct http_reader *reader, const unsigned char *bytes, size_t from,
                         size_t to)
{
    while (from <= to) {
        const unsigned char *comma = memchr(bytes + from, ',', to - from);
        size_t end = comma != NULL ? (size_t)(comma - bytes) : to;
        size_t first = from, last = end;
        while (first < last && is_blank(bytes[first]))
            first++;
        while (last > first && is_blank(bytes[last - 1]))
            last--;
        if (!note_coding(reader, bytes, first, last))
            return false;
        from = end + 1;
    }
    return true;
}

static bool note_field(struct http_reader *reader, const struct http_line *line, size_t colon)
{
    const unsigned char *bytes = line->bytes;
    size_t from = colon + 1, to = line->end - 1; // without the \r
    while (from < to && is_blank(bytes[from]))
        from++;
    while (to > from && is_blank(bytes[to - 1]))
        to--;
    const char *name = (const char *)bytes + line->start;
    size_t name_length = colon - line->start;
    if (name_length == 14 && strncasecmp(name, "Content-Length", 14) == 0)
        return note_length(reader, bytes, from, to);
    if (name_length == 17 && strncasecmp(name, "Transfer-Encoding", 17) == 0)
        return note_codings(reader, bytes, from, to);
    return true;
}

bool http_judge_field_line(struct http_reader *reader, const struct http_line *line, bool counts)
{
    size_t colon = line->start;
    if (!judge_name(reader, line, &colon))
        return false;
    bool has_colon = colon < line->end && line->bytes[colon] == ':';
    if (has_colon && !http_judge_text(reader, line, colon + 1))
        return false;
    if (!http_judge_ending(reader, line))
        return false;
    return !line->whole || !counts || note_field(reader, line, colon);
}

static bool has_no_body(const struct http_reader *reader)
{
    int status = reader->out.status;
    return reader->head_only || status < 200 || status == 204 || status == 304;
}

bool http_judge_framing(struct http_reader *reader)
{
    struct kit_http_parse *out = &reader->out;
    if (out->chunked && out->has_length) {
        size_t second =
            out->length_offset > reader->coding_offset ? out->length_offset : reader->coding_offset;
        return http_wrong(
            reader, second, "Content-Length and Transfer-Encoding are both there", NULL,
            "RFC 9112 6.2: an answer with Transfer-Encoding must have no Content-Length");
    }
    if (out->status < 200 || out->status == 204) {
        // A length of 0 does no harm; anything else makes a client wait or misread.
        if (out->has_length && out->length > 0)
            return http_wrong(reader, out->length_offset,
                              "Content-Length announces a body where the status allows none", NULL,
                              "RFC 9110 8.6: answers with status 1xx and 204 have no "
                              "Content-Length");
        if (out->chunked)
            return http_wrong(reader, reader->coding_offset,
                              "Transfer-Encoding announces a body where the status allows none",
                              NULL,
                              "RFC 9112 6.1: answers with status 1xx and 204 have no "
                              "Transfer-Encoding");
    }
    reader->left = out->length;
    out->until_close = !has_no_body(reader) && !out->chunked && !out->has_length;
    reader->stage = has_no_body(reader) ? HTTP_DONE
                    : out->chunked      ? HTTP_CHUNK_SIZE
                    : out->has_length   ? HTTP_BODY_LENGTH
                                        : HTTP_BODY_CLOSE;
    return true;
}
