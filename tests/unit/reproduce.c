// SPDX-License-Identifier: MIT
// The command to see a failure by hand: what it says, and that a shell makes the same bytes of it.
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "command.h"

static struct kit_bytes bytes_of(const char *text, size_t length)
{
    return (struct kit_bytes){(const unsigned char *)text, length};
}

static void judge(const struct exchange *exchange, const char *expected)
{
    auto_free char *command = command_for(exchange);
    if (expected == NULL)
        ck_assert_ptr_null(command);
    else
        ck_assert_str_eq(command, expected);
}

static void judge_request(const char *method, const char *path, const char *fields,
                          struct kit_bytes body, const char *expected)
{
    judge(&(struct exchange){.kind = EXCHANGE_HTTP,
                             .port = 34567,
                             .method = method,
                             .path = path,
                             .fields = fields,
                             .body = body},
          expected);
}

static void judge_get(const char *path, const char *fields, const char *expected)
{
    judge_request("GET", path, fields, (struct kit_bytes){0}, expected);
}

static void judge_raw(const char *sent, size_t length, const char *expected)
{
    judge(&(struct exchange){.kind = EXCHANGE_RAW, .port = 34567, .sent = bytes_of(sent, length)},
          expected);
}

START_TEST(a_plain_get_is_a_plain_curl)
{
    judge_get("/echo/mango-417", "", "curl -i http://127.0.0.1:8080/echo/mango-417");
    judge_get("/", "", "curl -i http://127.0.0.1:8080/");
    judge_get("/echo/a%2Fb", "", "curl -i http://127.0.0.1:8080/echo/a%2Fb");
    judge_get("/echo/a+b", "", "curl -i http://127.0.0.1:8080/echo/a+b");
    judge(&(struct exchange){.kind = EXCHANGE_NONE}, NULL);
}
END_TEST

START_TEST(paths_are_quoted_and_left_as_they_are)
{
    judge_get("/?a=b&c=d", "", "curl -i 'http://127.0.0.1:8080/?a=b&c=d'");
    judge_get("/it's", "", "curl -i 'http://127.0.0.1:8080/it'\\''s'");
    judge_get("/files/../secret", "", "curl -i --path-as-is http://127.0.0.1:8080/files/../secret");
    judge_get("/files/%2e%2e/secret", "",
              "curl -i --path-as-is http://127.0.0.1:8080/files/%2e%2e/secret");
    judge_get("/a[1]{b}", "", "curl -i -g 'http://127.0.0.1:8080/a[1]{b}'");
}
END_TEST

START_TEST(fields_and_methods_are_given_to_curl)
{
    judge_get("/", "User-Agent: fig 1\r\nX-A: it's\r\n",
              "curl -i -H 'User-Agent: fig 1' -H 'X-A: it'\\''s' http://127.0.0.1:8080/");
    judge_get("/a.txt", "Accept-Encoding: gzip\r\n",
              "curl -i -H 'Accept-Encoding: gzip' --compressed http://127.0.0.1:8080/a.txt");
    judge_request("HEAD", "/echo/fig-1", "", (struct kit_bytes){0},
                  "curl -I http://127.0.0.1:8080/echo/fig-1");
    judge_request("BREW", "/", "", (struct kit_bytes){0}, "curl -i -X BREW http://127.0.0.1:8080/");
}
END_TEST

START_TEST(bodies_are_given_to_curl)
{
    judge_request("POST", "/files/a", "", bytes_of("", 0),
                  "curl -i --data-binary '' http://127.0.0.1:8080/files/a");
    judge_request("POST", "/files/a", "", bytes_of("fig", 3),
                  "curl -i --data-binary fig http://127.0.0.1:8080/files/a");
    judge_request("PUT", "/files/a", "", bytes_of("two figs", 8),
                  "curl -i -X PUT --data-binary 'two figs' http://127.0.0.1:8080/files/a");
    judge_request("POST", "/files/a", "", bytes_of("@fig", 4),
                  "printf '@fig' | curl -i --data-binary @- http://127.0.0.1:8080/files/a");
    judge_request("POST", "/files/a", "", bytes_of("a\0b\n%\\", 6),
                  "printf 'a\\000b\\n%%\\\\' | curl -i --data-binary @- "
                  "http://127.0.0.1:8080/files/a");
}
END_TEST

START_TEST(long_bodies_are_generated)
{
    auto_str struct str body = STR_INIT;
    for (int i = 0; i < 40000; i++)
        str_append_char(&body, 'a');
    judge_request("POST", "/files/a", "", bytes_of(body.data, body.length),
                  "head -c 40000 /dev/zero | tr '\\0' a | curl -i --data-binary @- "
                  "http://127.0.0.1:8080/files/a");
    for (size_t i = 0; i < body.length; i++)
        body.data[i] = (char)(i * i + i / 7);
    judge_request("POST", "/files/a", "", bytes_of(body.data, body.length),
                  "head -c 40000 /dev/urandom | curl -i --data-binary @- "
                  "http://127.0.0.1:8080/files/a");
}
END_TEST

START_TEST(what_curl_cannot_say_goes_through_nc)
{
    judge_get("/a b", "",
              "printf 'GET /a b HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n\\r\\n' | "
              "nc -q 2 127.0.0.1 8080");
    judge_get("/", "A : b\r\n",
              "printf 'GET / HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\nA : b\\r\\n\\r\\n' | "
              "nc -q 2 127.0.0.1 8080");
    judge_request("POST", "/a", "Content-Length: -1\r\n", bytes_of("fig", 3),
                  "printf 'POST /a HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n"
                  "Content-Length: -1\\r\\n\\r\\nfig' | nc -q 2 127.0.0.1 8080");
}
END_TEST

START_TEST(raw_bytes_go_through_nc_with_the_port_of_lab_run)
{
    static const char sent[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1:34567\r\n\r\n";
    judge_raw(sent, sizeof sent - 1,
              "printf 'GET / HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n\\r\\n' | "
              "nc -q 2 127.0.0.1 8080");
    judge_raw("", 0, "nc -zv 127.0.0.1 8080");
    judge_raw("-x '%\0\xff", 7, "printf -- '-x \\047%%\\000\\377' | nc -q 2 127.0.0.1 8080");
    judge(&(struct exchange){.kind = EXCHANGE_RAW,
                             .port = 34567,
                             .ipv6 = true,
                             .half_closed = true,
                             .sent = bytes_of("fig\n", 4)},
          "printf 'fig\\n' | nc -N ::1 8080");
}
END_TEST

START_TEST(long_runs_are_generated_and_other_long_input_is_left_out)
{
    auto_str struct str sent = STR_INIT;
    str_append(&sent, "GET / HTTP/1.1\r\nX: ");
    for (int i = 0; i < 40000; i++)
        str_append_char(&sent, 'a');
    str_append(&sent, "\r\n\r\n");
    judge_raw(sent.data, sent.length,
              "{ printf 'GET / HTTP/1.1\\r\\nX: '; head -c 40000 /dev/zero | tr '\\0' a; "
              "printf '\\r\\n\\r\\n'; } | nc -q 2 127.0.0.1 8080");
    str_clear(&sent);
    for (int i = 0; i < 1000; i++)
        str_append_format(&sent, "%d ", i);
    judge_raw(sent.data, sent.length, NULL);
}
END_TEST

// Runs the text in a shell and returns what it writes.
static void run_shell(const char *command, struct str *out)
{
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    char part[4096];
    size_t n;
    while ((n = fread(part, 1, sizeof part, pipe)) > 0)
        str_append_bytes(out, part, n);
    pclose(pipe);
}

START_TEST(a_shell_writes_the_same_bytes)
{
    auto_str struct str bytes = STR_INIT;
    for (int i = 0; i < 256; i++)
        str_append_char(&bytes, (char)i);
    for (int i = 0; i < 300; i++)
        str_append_char(&bytes, i < 100 ? '\0' : i < 200 ? '\'' : '\\');
    str_append(&bytes, "%d\\n-$HOME`ls`!\"");
    auto_str struct str command = STR_INIT;
    ck_assert(shell_append_writer(&command, bytes_of(bytes.data, bytes.length), 4000));
    auto_str struct str written = STR_INIT;
    run_shell(command.data, &written);
    ck_assert_uint_eq(written.length, bytes.length);
    ck_assert_mem_eq(written.data, bytes.data, bytes.length);
}
END_TEST

START_TEST(a_shell_takes_a_word_as_it_is)
{
    static const char word[] = "it's $HOME `ls` \\n * \"fig\" !";
    auto_str struct str command = STR_INIT;
    str_append(&command, "printf %s ");
    shell_append_word(&command, word);
    auto_str struct str written = STR_INIT;
    run_shell(command.data, &written);
    ck_assert_str_eq(written.data, word);
}
END_TEST

UNIT_MAIN("reproduce", a_plain_get_is_a_plain_curl, paths_are_quoted_and_left_as_they_are,
          fields_and_methods_are_given_to_curl, bodies_are_given_to_curl, long_bodies_are_generated,
          what_curl_cannot_say_goes_through_nc, raw_bytes_go_through_nc_with_the_port_of_lab_run,
          long_runs_are_generated_and_other_long_input_is_left_out, a_shell_writes_the_same_bytes,
          a_shell_takes_a_word_as_it_is)
