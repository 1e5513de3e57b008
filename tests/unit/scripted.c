// SPDX-License-Identifier: MIT
// Scripts: their text says all of them; streams: the same bytes in pieces of any size.
#include "unit.h"

#include <string.h>

#include "scripted/server.h"

static const char whole[] = "server 127.0.0.1:41753\n"
                            "on connect\n"
                            "wait for close\n"
                            "reset\n"
                            "on request for /a?b\\\\c\n"
                            "again\n"
                            "send HTTP/1.1 200 OK\\r\\n\\r\\n\\x00\\\\ \n"
                            "pieces 3 mango\n"
                            "stream 77 1000000 binary\n"
                            "stream 281474976710656 endless text\n"
                            "wait until read\n"
                            "pause\n"
                            "hold\n"
                            "half-close\n"
                            "close\n"
                            "refusing 127.0.0.2:9\n"
                            "unreachable [::1]:65535\n";

START_TEST(a_script_is_written_as_it_was_read)
{
    struct scripts scripts;
    struct err err = ERR_INIT;
    auto_str struct str again = STR_INIT;
    ck_assert_msg(scripts_read(whole, &scripts, &err), "%s", err.message);
    ck_assert_uint_eq(scripts.count, 3);
    ck_assert_uint_eq(scripts.items[0].count, 2);
    const struct script_step *send = &scripts.items[0].turns[1].steps[0];
    ck_assert_uint_eq(send->bytes.length, 22);
    ck_assert_mem_eq(send->bytes.data + 19, "\0\\ ", 3);
    ck_assert_str_eq(scripts.items[2].address, "::1");
    for (size_t i = 0; i < scripts.count; i++)
        script_write(&scripts.items[i], &again);
    ck_assert_str_eq(str_text(&again), whole);
    scripts_release(&scripts);
}
END_TEST

START_TEST(what_is_no_script_is_told_by_its_line)
{
    static const char *const wrong[] = {
        "on request\n",
        "server 127.0.0.1\n",
        "server :80\n",
        "server 127.0.0.1:x\n",
        "server 127.0.0.1:99999\n",
        "server a:1\nclose\n",
        "server a:1\non thing\n",
        "server a:1\non request\npieces 0 x\n",
        "server a:1\non request\npieces x\n",
        "server a:1\non request\nstream 1 x binary\n",
        "server a:1\non request\nstream x\n",
        "server a:1\non request\nstream 1 2 odd\n",
        "server a:1\non request\nsleep 3\n",
        "server a:1\nagain\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct scripts scripts;
        struct err err = ERR_INIT;
        ck_assert_msg(!scripts_read(wrong[i], &scripts, &err), "read: %s", wrong[i]);
        ck_assert_msg(strstr(err.message, "line ") == err.message, "%s", err.message);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        err_release(&err);
    }
    struct scripts none;
    ck_assert(scripts_read("# nothing\n\n", &none, NULL));
    ck_assert_uint_eq(none.count, 0);
}
END_TEST

START_TEST(a_stream_is_the_same_in_pieces)
{
    for (int text = 0; text < 2; text++) {
        const struct stream stream = {5, 1000, text};
        unsigned char all[1000], part[17];
        stream_fill(&stream, 0, all, sizeof all);
        for (size_t at = 0; at + sizeof part <= sizeof all; at += 13) {
            stream_fill(&stream, at, part, sizeof part);
            ck_assert_mem_eq(part, all + at, sizeof part);
        }
        const struct stream other = {6, 1000, text};
        stream_fill(&other, 0, part, sizeof part);
        ck_assert_mem_ne(part, all, sizeof part);
    }
}
END_TEST

START_TEST(a_request_is_whole_when_its_body_is)
{
    static const struct {
        const char *bytes;
        size_t length;
    } samples[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18},
        {"GET / HTTP/1.1\n\nrest", 16},
        {"GET / HTTP/1.1\r\nA: b", 0},
        {"POST / HTTP/1.1\r\ncontent-LENGTH: 3\r\n\r\nfigs", 41},
        {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nfi", 0},
        {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\nfi", 0},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        ck_assert_uint_eq(scripted_request_length(samples[i].bytes, strlen(samples[i].bytes)),
                          samples[i].length);
}
END_TEST

START_TEST(an_address_that_is_none_is_told)
{
    struct script script = {.address = mem_copy_string("fig")};
    const struct scripted_observer nobody = {0};
    struct scripted_server server;
    struct err err = ERR_INIT;
    ck_assert(!scripted_open(&script, &nobody, &server, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    err_release(&err);
    script_release(&script);
}
END_TEST

UNIT_MAIN("scripted", a_script_is_written_as_it_was_read, what_is_no_script_is_told_by_its_line,
          a_stream_is_the_same_in_pieces, a_request_is_whole_when_its_body_is,
          an_address_that_is_none_is_told)
