// SPDX-License-Identifier: MIT
// The strict reader: what is right, and the byte at which each broken rule is found.
#include "unit.h"

#include <string.h>

#include "http.h"
#include "internal.h"

// A string with NULs in it and its length.
#define BYTES(text) text, sizeof(text) - 1

struct sample {
    const char *bytes;
    size_t length;
    bool head_only, closed;
    enum kit_http_verdict verdict;
    // right ones
    int status;
    const char *body;
    const char *rest; // what stands behind the answer
    // broken ones: what stands at the offset ("": the end, NULL: a NUL), a part of the message
    const char *at;
    const char *message;
};

static void fail_sample(const struct sample *sample, const struct kit_http_parse *parse,
                        const char *what)
{
    ck_abort_msg("%s\n  sample  %s\n  offset  %zu\n  message %s\n", what, sample->bytes,
                 parse->offset, parse->message == NULL ? "" : parse->message);
}

static void judge_right(const struct sample *sample, const struct kit_http_parse *parse)
{
    if (parse->status != sample->status)
        fail_sample(sample, parse, "another status");
    if (parse->body.length != strlen(sample->body) ||
        strcmp(str_text(&parse->body), sample->body) != 0)
        fail_sample(sample, parse, "another body");
    const char *rest = sample->rest == NULL ? "" : sample->rest;
    if (strcmp(sample->bytes + parse->total, rest) != 0)
        fail_sample(sample, parse, "another end");
}

static bool stands_at(const struct sample *sample, size_t offset)
{
    if (sample->at == NULL)
        return offset < sample->length && sample->bytes[offset] == '\0';
    if (*sample->at == '\0')
        return offset == sample->length;
    return offset < sample->length &&
           strncmp(sample->bytes + offset, sample->at, strlen(sample->at)) == 0;
}

static void judge_wrong(const struct sample *sample, const struct kit_http_parse *parse)
{
    if (strstr(parse->message, sample->message) == NULL)
        fail_sample(sample, parse, "another message");
    if (!stands_at(sample, parse->offset))
        fail_sample(sample, parse, "another place");
    if (parse->because == NULL || strncmp(parse->because, "RFC ", 4) != 0)
        fail_sample(sample, parse, "no section");
    size_t length = strlen(parse->message);
    if (length == 0 || parse->message[length - 1] == '.')
        fail_sample(sample, parse, "a full stop");
}

// The same bytes whole, and one by one, must give the same verdict.
static void judge_in_pieces(const struct sample *sample, const struct kit_http_parse *whole,
                            enum kit_http_verdict verdict)
{
    struct http_reader reader;
    http_reader_start(&reader, sample->head_only);
    enum kit_http_verdict now = KIT_HTTP_MORE;
    for (size_t i = 0; i <= sample->length && now == KIT_HTTP_MORE; i++) {
        // A copy of the exact size, so that a sanitizer sees each read beyond it.
        auto_free unsigned char *bytes = mem_alloc(i);
        memcpy(bytes, sample->bytes, i);
        now = http_reader_feed(&reader, bytes, i, sample->closed && i == sample->length);
    }
    if (now != verdict)
        fail_sample(sample, &reader.out, "another verdict in pieces");
    if (now == KIT_HTTP_WRONG && reader.out.offset != whole->offset)
        fail_sample(sample, &reader.out, "another place in pieces");
    if (now == KIT_HTTP_WHOLE &&
        (reader.out.total != whole->total || reader.out.body.length != whole->body.length))
        fail_sample(sample, &reader.out, "another answer in pieces");
    http_reader_release(&reader);
}

static void judge(const struct sample *sample)
{
    struct kit_http_parse parse;
    enum kit_http_verdict verdict =
        kit_http_parse((const unsigned char *)sample->bytes, sample->length, sample->head_only,
                       sample->closed, &parse);
    if (verdict != sample->verdict)
        fail_sample(sample, &parse, "another verdict");
    if (verdict == KIT_HTTP_WHOLE)
        judge_right(sample, &parse);
    if (verdict == KIT_HTTP_WRONG)
        judge_wrong(sample, &parse);
    judge_in_pieces(sample, &parse, verdict);
    kit_http_parse_release(&parse);
}

#define JUDGE_ALL(samples)                                                                         \
    for (size_t i = 0; i < sizeof(samples) / sizeof *(samples); i++)                               \
    judge(&(samples)[i])

#define RIGHT(text, ...)                                                                           \
    {                                                                                              \
        BYTES(text), .verdict = KIT_HTTP_WHOLE, __VA_ARGS__                                        \
    }
#define WRONG(text, place, sentence)                                                               \
    {                                                                                              \
        BYTES(text), .verdict = KIT_HTTP_WRONG, .at = (place), .message = (sentence)               \
    }
#define CUT(text, sentence)                                                                        \
    {                                                                                              \
        BYTES(text), .verdict = KIT_HTTP_WRONG, .closed = true, .at = "", .message = (sentence)    \
    }
#define OK_HEAD "HTTP/1.1 200 OK\r\n"

START_TEST(right_answers_are_read_whole)
{
    static const struct sample samples[] = {
        RIGHT(OK_HEAD "Content-Length: 5\r\n\r\nmango", .status = 200, .body = "mango"),
        RIGHT(OK_HEAD "Content-Length: 0\r\n\r\n", .status = 200, .body = ""),
        RIGHT(OK_HEAD "content-length:5\r\n\r\nmangoHTTP", .status = 200, .body = "mango",
              .rest = "HTTP"),
        RIGHT(OK_HEAD "Content-Length: \t 5 \t\r\n\r\nmango", .status = 200, .body = "mango"),
        RIGHT(OK_HEAD "Content-Length: 5\r\ncontent-LENGTH: 05\r\n\r\nmango", .status = 200,
              .body = "mango"),
        RIGHT("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n", .status = 404, .body = ""),
        RIGHT("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", .status = 200, .body = ""),
        RIGHT("HTTP/1.1 599 a\tb \xc3\xa4\r\nContent-Length: 0\r\n\r\n", .status = 599, .body = ""),
        RIGHT(OK_HEAD "X:\r\nY: \r\nZ: a \xff b\r\nContent-Length: 1\r\n\r\nx", .status = 200,
              .body = "x"),
        RIGHT(OK_HEAD "!#$%&'*+-.^_`|~09: x\r\nContent-Length: 0\r\n\r\n", .status = 200,
              .body = ""),
        RIGHT(OK_HEAD "\r\nmango", .status = 200, .body = "mango", .closed = true),
        RIGHT(OK_HEAD "\r\n", .status = 200, .body = "", .closed = true),
    };
    JUDGE_ALL(samples);
}
END_TEST

START_TEST(some_answers_have_no_body_whatever_their_fields_say)
{
    static const struct sample samples[] = {
        RIGHT(OK_HEAD "Content-Length: 5\r\n\r\nrest", .status = 200, .body = "", .rest = "rest",
              .head_only = true),
        RIGHT(OK_HEAD "Transfer-Encoding: chunked\r\n\r\nrest", .status = 200, .body = "",
              .rest = "rest", .head_only = true),
        RIGHT(OK_HEAD "\r\nrest", .status = 200, .body = "", .rest = "rest", .head_only = true),
        RIGHT("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nrest", .status = 304,
              .body = "", .rest = "rest"),
        RIGHT("HTTP/1.1 204 No Content\r\n\r\nrest", .status = 204, .body = "", .rest = "rest"),
        RIGHT("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", .status = 204, .body = ""),
        RIGHT("HTTP/1.1 100 Continue\r\n\r\n" OK_HEAD, .status = 100, .body = "", .rest = OK_HEAD),
        WRONG("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nmango", "5\r\n",
              "Content-Length announces a body where the status allows none"),
        WRONG("HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n", "chunked",
              "Transfer-Encoding announces a body where the status allows none"),
    };
    JUDGE_ALL(samples);
}
END_TEST

START_TEST(chunked_bodies_are_put_together)
{
#define CHUNKED OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
    static const struct sample samples[] = {
        RIGHT(CHUNKED "5\r\nmango\r\n0\r\n\r\nrest", .status = 200, .body = "mango",
              .rest = "rest"),
        RIGHT(CHUNKED "0\r\n\r\n", .status = 200, .body = ""),
        RIGHT(CHUNKED "00A\r\n0123456789\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n000\r\n\r\n",
              .status = 200, .body = "0123456789abcdefghijklmnopqrstuvwxyz"),
        RIGHT(CHUNKED "5;name=value;x=\"y\"\r\nmango\r\n0 ; last\r\n\r\n", .status = 200,
              .body = "mango"),
        RIGHT(CHUNKED "5\r\nmango\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", .status = 200,
              .body = "mango"),
        RIGHT(OK_HEAD "transfer-encoding: Chunked\r\n\r\n1\r\n\r\r\n0\r\n\r\n", .status = 200,
              .body = "\r"),
    };
    JUDGE_ALL(samples);
}
END_TEST

START_TEST(broken_chunks_are_found)
{
    static const struct sample samples[] = {
        WRONG(CHUNKED "zz\r\nmango", "zz", "does not begin with its size in hexadecimal"),
        WRONG(CHUNKED "\r\nmango", "\r\nmango", "does not begin with its size"),
        WRONG(CHUNKED " 5\r\nmango", " 5", "does not begin with its size"),
        WRONG(CHUNKED "0x5\r\nmango", "x5", "is not hexadecimal"),
        WRONG(CHUNKED "5\nmango", "\nmango", "ends in \\n without \\r"),
        WRONG(CHUNKED "5\r\nmangoes\r\n0\r\n\r\n", "es\r\n",
              "the 5 bytes of a chunk are not followed by \\r\\n"),
        WRONG(CHUNKED "5\r\nmango\n0\r\n\r\n", "\n0", "not followed by"),
        WRONG(CHUNKED "5\r\nmango\rx", "x", "not followed by"),
        WRONG(CHUNKED "fffffffffffffffff\r\n", "fff", "too large a number"),
        WRONG(CHUNKED "5;a\x01\r\nmango", "\x01", "a control byte"),
        WRONG(CHUNKED "0\r\nno colon\r\n\r\n", " colon", "a field line has no colon"),
        WRONG(CHUNKED "0\r\n\n", "\n", "the empty line is \\n without \\r"),
        CUT(CHUNKED "5\r\nman", "before the chunk of size 0"),
        CUT(CHUNKED "5\r\nmango\r\n", "before the chunk of size 0"),
        CUT(CHUNKED "5\r\nmango\r\n0\r\n", "before the chunk of size 0"),
    };
    JUDGE_ALL(samples);
}
END_TEST

START_TEST(broken_status_lines_are_found)
{
    static const struct sample samples[] = {
        WRONG("hello", "hello", "the answer begins with \"hello\", expected a status line"),
        WRONG("<html>\r\n", "<html>", "the answer begins with"),
        WRONG("HTP/1.1 200 OK\r\n", "P/1.1", "the answer begins with"),
        WRONG("\r\nHTTP/1.1 200 OK\r\n", "\r\n", "expected a status line"),
        WRONG("http/1.1 200 OK\r\n", "http", "not in capital letters"),
        WRONG("HTTP/2.0 200 OK\r\n", "2.0", "the version in the status line is not HTTP/1.1"),
        WRONG("HTTP/1.2 200 OK\r\n", "2 200", "the version in the status line is not HTTP/1.1"),
        WRONG("HTTP/1.1\r\n", "\r\n", "no status code"),
        WRONG("HTTP/1.1200 OK\r\n", "200", "no blank after the version"),
        WRONG("HTTP/1.1  200 OK\r\n", " 200", "two blanks"),
        WRONG("HTTP/1.1 20 OK\r\n", " OK", "not three digits"),
        WRONG("HTTP/1.1 2x0 OK\r\n", "x0", "not three digits"),
        WRONG("HTTP/1.1 2000 OK\r\n", "0 OK", "more than three digits"),
        WRONG("HTTP/1.1 600 OK\r\n", "600", "not between 100 and 599"),
        WRONG("HTTP/1.1 099 OK\r\n", "099", "not between 100 and 599"),
        WRONG("HTTP/1.1 200\r\n", "\r\n", "no blank after the status code"),
        WRONG("HTTP/1.1 200\n", "\n", "no blank after the status code"),
        WRONG("HTTP/1.1 200-OK\r\n", "-OK", "no blank after the status code"),
        WRONG("HTTP/1.1 200 OK\nA: b\r\n", "\nA", "the status line ends in \\n without \\r"),
        WRONG("HTTP/1.1 200 O\rK\r\n", "\rK", "a \\r that no \\n follows"),
        WRONG("HTTP/1.1 200 O\0K\r\n", NULL, "a NUL byte"),
        WRONG("HTTP/1.1 200 O\x7fK\r\n", "\x7fK", "a control byte"),
    };
    JUDGE_ALL(samples);
}
END_TEST

START_TEST(broken_field_lines_are_found)
{
    static const struct sample samples[] = {
        WRONG(OK_HEAD "Content-Length : 5\r\n\r\n", " : 5",
              "a blank stands between a field name and its colon"),
        WRONG(OK_HEAD "Content-Length\t: 5\r\n\r\n", "\t: 5", "a blank stands between"),
        WRONG(OK_HEAD "A: b\r\n c\r\n\r\n", " c", "a line of the head begins with a blank"),
        WRONG(OK_HEAD " A: b\r\n\r\n", " A", "a line of the head begins with a blank"),
        WRONG(OK_HEAD "no colon\r\n\r\n", " colon", "a field line has no colon"),
        WRONG(OK_HEAD "word\r\n\r\n", "\r\n\r\n", "a field line has no colon"),
        WRONG(OK_HEAD ": value\r\n\r\n", ": value", "no name before its colon"),
        WRONG(OK_HEAD "A(b): c\r\n\r\n", "(b)", "a byte that no name may have"),
        WRONG(OK_HEAD "A b: c\r\n\r\n", " b: c", "a byte that no name may have"),
        WRONG(OK_HEAD "A: b\nB: c\r\n\r\n", "\nB", "a field line ends in \\n without \\r"),
        WRONG(OK_HEAD "A: b\r\n\n", "\n", "the empty line is \\n without \\r"),
        WRONG(OK_HEAD "A: b\rc\r\n\r\n", "\rc", "a \\r that no \\n follows"),
        WRONG(OK_HEAD "A: b\r\r\n\r\n", "\r\r\n", "a \\r that no \\n follows"),
        WRONG(OK_HEAD "A: b\0c\r\n\r\n", NULL, "a NUL byte"),
        WRONG(OK_HEAD "A: b\x01"
                      "c\r\n\r\n",
              "\x01", "a control byte"),
    };
    JUDGE_ALL(samples);
}
END_TEST

START_TEST(lengths_and_codings_that_cannot_be_right_are_found)
{
    static const struct sample samples[] = {
        WRONG(OK_HEAD "Content-Length: 3x\r\n\r\n", "x", "Content-Length is 3x"),
        WRONG(OK_HEAD "Content-Length: -1\r\n\r\n", "-1", "expected digits alone"),
        WRONG(OK_HEAD "Content-Length: +3\r\n\r\n", "+3", "expected digits alone"),
        WRONG(OK_HEAD "Content-Length: 5, 5\r\n\r\n", ", 5", "expected digits alone"),
        WRONG(OK_HEAD "Content-Length: \r\n\r\n", "\r\n\r\n", "Content-Length has no value"),
        WRONG(OK_HEAD "Content-Length: 18446744073709551617\r\n\r\n", "184", "too large"),
        WRONG(OK_HEAD "Content-Length: 5\r\nContent-Length: 7\r\n\r\n", "7\r\n",
              "two Content-Length fields differ: 5 and 7"),
        WRONG(OK_HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "chunked",
              "are both there"),
        WRONG(OK_HEAD "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "5\r\n",
              "are both there"),
        WRONG(OK_HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n", "gzip",
              "Transfer-Encoding is gzip, expected chunked"),
        WRONG(OK_HEAD "Transfer-Encoding:\r\n\r\n", "\r\n", "Transfer-Encoding is empty"),
        WRONG(OK_HEAD "Transfer-Encoding: chunked, chunked\r\n\r\n", "chunked\r\n",
              "names chunked twice"),
    };
    JUDGE_ALL(samples);
}
END_TEST

START_TEST(answers_that_end_too_early_are_told_from_broken_ones)
{
    static const struct sample samples[] = {
        CUT("", "without an answer"),
        CUT("HTTP/1.", "before the empty line that ends the head"),
        CUT("HTTP/1.1 200 OK\r", "before the empty line that ends the head"),
        CUT(OK_HEAD "Content-Le", "before the empty line that ends the head"),
        CUT(OK_HEAD "Content-Length: 5\r\n\r", "before the empty line that ends the head"),
        CUT(OK_HEAD "Content-Length: 12\r\n\r\nmango-417", "after 9 of 12 bytes of the body"),
        {BYTES(""), .verdict = KIT_HTTP_MORE},
        {BYTES("HTTP/1.1 2"), .verdict = KIT_HTTP_MORE},
        {BYTES(OK_HEAD "Content-Length: 5\r\n\r\nmang"), .verdict = KIT_HTTP_MORE},
        {BYTES(OK_HEAD "\r\nmango"), .verdict = KIT_HTTP_MORE},
    };
    JUDGE_ALL(samples);
    struct kit_http_parse parse;
    const char cut[] = OK_HEAD "Content-Length: 12\r\n\r\nmango";
    kit_http_parse((const unsigned char *)cut, strlen(cut), false, true, &parse);
    ck_assert(parse.truncated);
    ck_assert_uint_eq(parse.length_offset, strlen(OK_HEAD "Content-Length: "));
    kit_http_parse_release(&parse);
}
END_TEST

START_TEST(places_in_a_chunked_body_are_found_in_the_raw_bytes)
{
    const char answer[] = CHUNKED "5\r\nmango\r\n3\r\nfig\r\n0\r\n\r\n";
    struct http_reader reader;
    http_reader_start(&reader, false);
    ck_assert_int_eq(
        http_reader_feed(&reader, (const unsigned char *)answer, strlen(answer), false),
        KIT_HTTP_WHOLE);
    size_t head = reader.out.head_length;
    for (size_t i = 0; i < reader.out.body.length; i++) {
        size_t raw = http_raw_offset(reader.chunks, reader.chunk_count, head, i);
        ck_assert_int_eq(answer[raw], reader.out.body.data[i]);
    }
    ck_assert_uint_eq(http_raw_offset(NULL, 0, 40, 2), 42);
    http_reader_release(&reader);
}
END_TEST

START_TEST(a_large_body_in_small_pieces_is_looked_at_once)
{
    // 4 MiB in pieces of 16 bytes: a reader that begins anew with each would not come to the
    // end.
    const size_t size = (size_t)4 << 20;
    auto_str struct str answer = STR_INIT;
    str_append_format(&answer, OK_HEAD "Content-Length: %zu\r\n\r\n", size);
    memset(str_reserve(&answer, size), 'a', size);
    answer.length += size;
    struct http_reader reader;
    http_reader_start(&reader, false);
    enum kit_http_verdict verdict = KIT_HTTP_MORE;
    for (size_t length = 16; verdict == KIT_HTTP_MORE; length += 16)
        verdict = http_reader_feed(&reader, (const unsigned char *)answer.data,
                                   length < answer.length ? length : answer.length, false);
    ck_assert_int_eq(verdict, KIT_HTTP_WHOLE);
    ck_assert_uint_eq(reader.out.body.length, size);
    http_reader_release(&reader);
}
END_TEST

UNIT_MAIN("http", right_answers_are_read_whole, some_answers_have_no_body_whatever_their_fields_say,
          chunked_bodies_are_put_together, broken_chunks_are_found, broken_status_lines_are_found,
          broken_field_lines_are_found, lengths_and_codings_that_cannot_be_right_are_found,
          answers_that_end_too_early_are_told_from_broken_ones,
          places_in_a_chunked_body_are_found_in_the_raw_bytes,
          a_large_body_in_small_pieces_is_looked_at_once)
