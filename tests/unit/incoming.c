// SPDX-License-Identifier: MIT
// The strict reader of requests: what is right, and the byte at which each broken rule is found.
#include "unit.h"

#include <string.h>

#include "incoming.h"

// A string with NULs in it and its length.
#define BYTES(text) text, sizeof(text) - 1
#define HOST "Host: a.example\r\n"

struct sample {
    const char *bytes;
    size_t length;
    const char *at;      // what stands at the first wrong byte; "": the end, NULL: a NUL
    const char *message; // a part of it
};

static bool stands_at(const struct sample *sample, size_t offset)
{
    if (sample->at == NULL)
        return offset < sample->length && sample->bytes[offset] == '\0';
    if (*sample->at == '\0')
        return offset == sample->length;
    return offset < sample->length &&
           strncmp(sample->bytes + offset, sample->at, strlen(sample->at)) == 0;
}

static enum kit_http_verdict parse(const char *bytes, size_t length, bool closed,
                                   struct incoming_parse *out)
{
    return incoming_parse((const unsigned char *)bytes, length, closed, out);
}

START_TEST(right_requests_are_read)
{
    static const struct {
        const char *bytes;
        const char *method, *target;
        size_t head, body;
    } samples[] = {
        {"GET / HTTP/1.1\r\n" HOST "\r\n", "GET", "/", 35, 0},
        {"HEAD /a/b?c=d%20e&f=@ HTTP/1.1\r\n" HOST "Accept:\t*/*  \r\n\r\n", "HEAD",
         "/a/b?c=d%20e&f=@", 66, 0},
        {"GET /old HTTP/1.0\r\n\r\n", "GET", "/old", 21, 0},
        {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "OPTIONS", "*", 39, 0},
        {"POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nfigGET", "POST", "/x", 48, 3},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct incoming_parse out;
        const char *bytes = samples[i].bytes;
        ck_assert_int_eq(parse(bytes, strlen(bytes), false, &out), KIT_HTTP_WHOLE);
        ck_assert_mem_eq(bytes, samples[i].method, out.method_length);
        ck_assert_uint_eq(out.method_length, strlen(samples[i].method));
        ck_assert_uint_eq(out.target_length, strlen(samples[i].target));
        ck_assert_mem_eq(bytes + out.target_offset, samples[i].target, out.target_length);
        ck_assert_uint_eq(out.head_length, samples[i].head);
        ck_assert_uint_eq(out.total, samples[i].head + samples[i].body);
    }
}
END_TEST

START_TEST(each_broken_rule_is_found_at_its_byte)
{
    static const struct sample samples[] = {
        {BYTES("\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), "\r\nGET", "a byte before its method"},
        {BYTES("\nGET / HTTP/1.1\r\n"), "\nGET", "begins with an empty line"},
        {BYTES("GET\r\n\r\n"), "\r\n", "no blank behind the method"},
        {BYTES("GET\t/ HTTP/1.1\r\n"), "\t/", "no blank behind the method"},
        {BYTES("GET  / HTTP/1.1\r\n"), " / ", "two blanks stand behind the method"},
        {BYTES("GET a HTTP/1.1\r\n"), "a HTTP", "the target does not begin with /"},
        {BYTES("GET http://a/ HTTP/1.1\r\n"), "http:", "the target is a whole URL"},
        {BYTES("GET * HTTP/1.1\r\n"), "* HTTP", "the target does not begin with /"},
        {BYTES("GET /a#b HTTP/1.1\r\n"), "#b", "the target holds a fragment"},
        {BYTES("GET /a\xc3\xa4 HTTP/1.1\r\n"), "\xc3", "a byte that no URL may have"},
        {BYTES("GET /\r\n\r\n"), "\r\n\r\n", "the request line has no version"},
        {BYTES("GET / HTTP/2.0\r\n"), "2.0", "the version in the request line is not HTTP/1.1"},
        {BYTES("GET / HTTP/1.7\r\n"), "7", "the version in the request line is not HTTP/1.1"},
        {BYTES("GET / http/1.1\r\n"), "http", "the version in the request line is not HTTP/1.1"},
        {BYTES("GET /a b HTTP/1.1\r\n"), "b HTTP", "the version in the request line"},
        {BYTES("GET / HTTP/1.1 \r\n"), " \r\n", "something stands behind the version"},
        {BYTES("GET / HTTP/1.1\n" HOST "\n"), "\nHost", "the request line ends in \\n"},
        {BYTES("GET / HTTP/1.1\r\nHost: a\n\r\n"), "\n\r\n", "a field line ends in \\n"},
        {BYTES("GET / HTTP/1.1\r\n" HOST "\n"), "\n", "the empty line is \\n"},
        {BYTES("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), " : a", "between a field name and its colon"},
        {BYTES("GET / HTTP/1.1\r\n" HOST "a b: c\r\n"), " b: c", "a byte that no name may have"},
        {BYTES("GET / HTTP/1.1\r\n" HOST "fig\r\n"), "\r\n", "a field line has no colon"},
        {BYTES("GET / HTTP/1.1\r\n" HOST "fig and\r\n"), " and", "a field line has no colon"},
        {BYTES("GET / HTTP/1.1\r\n" HOST ": fig\r\n"), ": fig", "no name before its colon"},
        {BYTES("GET / HTTP/1.1\r\n" HOST " fold\r\n"), " fold", "begins with a blank"},
        {BYTES("GET / HTTP/1.1\r\n" HOST "a: b\rc\r\n"), "\rc", "a \\r that no \\n follows"},
        {BYTES("GET / HTTP/1.1\r\n" HOST "a: b\0c\r\n"), NULL, "a NUL byte"},
        {BYTES("GET / HTTP/1.1\r\n" HOST "a: b\033c\r\n"), "\033c", "a control byte"},
        {BYTES("GET / HTTP/1.1\r\nAccept: b\r\n\r\n"), "\r\n", "the request has no Host field"},
        {BYTES("GET / HTTP/1.1\r\nHost:  \r\n\r\n"), "\r\n\r\n", "Host has no value"},
        {BYTES("GET / HTTP/1.1\r\n" HOST "host: b\r\n\r\n"), "host: b", "a second Host field"},
        {BYTES("GET / HTTP/1.1\r\nContent-Length: 3x\r\n"), "x", "Content-Length is no number"},
        {BYTES("GET / HTTP/1.1\r\nContent-Length:\r\n"), "\r\n", "Content-Length has no value"},
        {BYTES("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n"), "99999",
         "too large a number"},
        {BYTES("GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n"), "3\r\n",
         "two Content-Length fields"},
        {BYTES("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"), "Transfer",
         "Transfer-Encoding"},
        {BYTES(""), "", "no request came"},
        {BYTES("GET / HT"), "", "ends before its empty line"},
        {BYTES("GET / HTTP/1.1\r\n" HOST), "", "ends before its empty line"},
        {BYTES("POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nfig"), "",
         "the request's body ends before its Content-Length"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct incoming_parse out;
        enum kit_http_verdict verdict = parse(samples[i].bytes, samples[i].length, true, &out);
        ck_assert_msg(verdict == KIT_HTTP_WRONG, "taken for right: %s", samples[i].bytes);
        ck_assert_msg(strstr(out.message, samples[i].message) != NULL && out.because != NULL,
                      "\"%s\" of %s", out.message, samples[i].bytes);
        // The last place where it stands counts: a second field of the same value.
        ck_assert_msg(stands_at(&samples[i], out.offset), "offset %zu of %s", out.offset,
                      samples[i].bytes);
    }
}
END_TEST

// Judged as it comes, a request is never called wrong before the byte that makes it so.
START_TEST(no_beginning_of_a_right_request_is_wrong)
{
    static const char request[] =
        "POST /a?b HTTP/1.1\r\n" HOST "Accept: a, b\r\nContent-Length: 3\r\n\r\nfig";
    struct incoming_parse out;
    for (size_t length = 0; length < sizeof request - 1; length++)
        ck_assert_msg(parse(request, length, false, &out) == KIT_HTTP_MORE, "after %zu bytes: %s",
                      length, out.message);
    ck_assert_int_eq(parse(request, sizeof request - 1, false, &out), KIT_HTTP_WHOLE);
}
END_TEST

UNIT_MAIN("incoming", right_requests_are_read, each_broken_rule_is_found_at_its_byte,
          no_beginning_of_a_right_request_is_wrong)
