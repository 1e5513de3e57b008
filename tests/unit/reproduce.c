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
              "timeout 2 nc 127.0.0.1 8080");
    judge_get("/", "A : b\r\n",
              "printf 'GET / HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\nA : b\\r\\n\\r\\n' | "
              "timeout 2 nc 127.0.0.1 8080");
    judge_request("POST", "/a", "Content-Length: -1\r\n", bytes_of("fig", 3),
                  "printf 'POST /a HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n"
                  "Content-Length: -1\\r\\n\\r\\nfig' | timeout 2 nc 127.0.0.1 8080");
}
END_TEST

START_TEST(raw_bytes_go_through_nc_with_the_port_of_lab_run)
{
    static const char sent[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1:34567\r\n\r\n";
    judge_raw(sent, sizeof sent - 1,
              "printf 'GET / HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n\\r\\n' | "
              "timeout 2 nc 127.0.0.1 8080");
    judge_raw("", 0, "nc -zv 127.0.0.1 8080");
    judge_raw("-x '%\0\xff", 7, "printf -- '-x \\047%%\\000\\377' | timeout 2 nc 127.0.0.1 8080");
    judge(&(struct exchange){.kind = EXCHANGE_RAW,
                             .port = 34567,
                             .ipv6 = true,
                             .half_closed = true,
                             .sent = bytes_of("fig\n", 4)},
          "printf 'fig\\n' | timeout 2 nc -N ::1 8080");
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
              "printf '\\r\\n\\r\\n'; } | timeout 2 nc 127.0.0.1 8080");
    str_clear(&sent);
    for (int i = 0; i < 1000; i++)
        str_append_format(&sent, "%d ", i);
    judge_raw(sent.data, sent.length, NULL);
}
END_TEST

// ---------------------------------------------------------------- what is to be seen

static const char a_get[] = "GET / HTTP/1.1\r\n\r\n";

static struct exchange raw_of(const char *sent)
{
    return (struct exchange){
        .kind = EXCHANGE_RAW, .port = 34567, .sent = bytes_of(sent, strlen(sent))};
}

static struct exchange get_of(const char *path, const char *fields)
{
    return (struct exchange){
        .kind = EXCHANGE_HTTP, .port = 34567, .method = "GET", .path = path, .fields = fields};
}

START_TEST(bytes_of_an_answer_are_made_visible)
{
    struct exchange exchange = get_of("/", "");
    exchange.view.look = KIT_LOOK_BYTES;
    judge(&exchange, "printf 'GET / HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n\\r\\n' | "
                     "timeout 2 nc 127.0.0.1 8080 | cat -A");
}
END_TEST

START_TEST(an_end_that_does_not_come_is_said)
{
    struct exchange exchange = raw_of(a_get);
    exchange.view.look = KIT_LOOK_END;
    judge(&exchange, "printf 'GET / HTTP/1.1\\r\\n\\r\\n' | timeout 3 nc 127.0.0.1 8080 "
                     "&& echo '[closed]' || echo '[still open]'");
}
END_TEST

START_TEST(who_waits_for_nothing_gives_up)
{
    struct exchange exchange = get_of("/", "");
    exchange.view.hung = true;
    judge(&exchange, "curl -i -m 3 http://127.0.0.1:8080/");
}
END_TEST

START_TEST(a_body_for_no_terminal_is_left_out)
{
    struct exchange exchange = get_of("/", "Accept-Encoding: gzip\r\n");
    exchange.view.no_text = true;
    judge(&exchange, "curl -s -o /dev/null -D - -H 'Accept-Encoding: gzip' http://127.0.0.1:8080/");
}
END_TEST

START_TEST(files_are_made_and_compared)
{
    const struct command_file files[] = {
        {"fig.bin", false, bytes_of("\0\1\2", 3)},
        {"other", false, bytes_of("other", 5)},
        {"plum.txt", true, bytes_of("a plum", 6)},
    };
    struct exchange exchange = get_of("/files/fig.bin", "");
    exchange.files = files;
    exchange.file_count = 3;
    exchange.view = (struct command_view){.look = KIT_LOOK_BODY, .file = "fig.bin"};
    judge(&exchange, "head -c 3 /dev/urandom >.lab/files/fig.bin; curl -s "
                     "http://127.0.0.1:8080/files/fig.bin | cmp - .lab/files/fig.bin");
    exchange.view.is_part = true;
    exchange.view.skip = 1;
    exchange.view.length = 2;
    judge(&exchange, "head -c 3 /dev/urandom >.lab/files/fig.bin; curl -s "
                     "http://127.0.0.1:8080/files/fig.bin | cmp -i 0:1 -n 2 - .lab/files/fig.bin");
    exchange.view.too_long = true;
    judge(&exchange, "head -c 3 /dev/urandom >.lab/files/fig.bin; curl -s "
                     "http://127.0.0.1:8080/files/fig.bin | wc -c");
    exchange = get_of("/files/../plum.txt", "");
    exchange.files = files;
    exchange.file_count = 3;
    judge(&exchange, "printf 'a plum' >.lab/plum.txt; curl -i --path-as-is "
                     "http://127.0.0.1:8080/files/../plum.txt");
}
END_TEST

START_TEST(what_is_made_is_of_the_same_kind_and_size)
{
    auto_str struct str text = STR_INIT;
    for (int i = 0; i < 100; i++)
        str_append_format(&text, "line %d\n", i);
    auto_str struct str command = STR_INIT;
    maker_append(&command, bytes_of(text.data, text.length));
    ck_assert_str_eq(command.data, "seq 100000 | head -c 790");
    str_clear(&command);
    text.data[100] = '\0';
    maker_append(&command, bytes_of(text.data, text.length));
    ck_assert_str_eq(command.data, "head -c 790 /dev/urandom");
    str_clear(&command);
    maker_append(&command, bytes_of("", 0));
    ck_assert_str_eq(command.data, "printf ''");
}
END_TEST

START_TEST(a_stored_file_is_looked_at)
{
    struct exchange exchange = get_of("/files/fig", "");
    exchange.method = "POST";
    exchange.body = bytes_of("mango", 5);
    exchange.view = (struct command_view){.look = KIT_LOOK_FILE, .file = "fig", .length = 5};
    judge(&exchange, "curl -i --data-binary mango http://127.0.0.1:8080/files/fig; "
                     "cat -A .lab/files/fig");
    exchange.body = bytes_of("\0\1", 2);
    judge(&exchange, "head -c 2 /dev/urandom >.lab/body; curl -i --data-binary @.lab/body "
                     "http://127.0.0.1:8080/files/fig; cmp .lab/body .lab/files/fig");
    exchange = raw_of(a_get);
    exchange.view = (struct command_view){.look = KIT_LOOK_FILE, .file = "fig", .length = 5000};
    judge(&exchange, "printf 'GET / HTTP/1.1\\r\\n\\r\\n' | timeout 2 nc 127.0.0.1 8080; "
                     "wc -c .lab/files/fig");
}
END_TEST

START_TEST(what_was_sent_in_parts_is_sent_in_parts)
{
    static const size_t pauses[] = {4, 8};
    struct exchange exchange = raw_of("one two three");
    exchange.pauses = pauses;
    exchange.pause_count = 2;
    judge(&exchange, "{ printf 'one '; sleep 1; printf 'two '; sleep 1; printf 'three'; } | "
                     "timeout 2 nc 127.0.0.1 8080");
    exchange.pause_count = 0;
    exchange.piece = 3;
    judge(&exchange,
          "printf 'one two three' | perl -e '$|=1; while (read STDIN, $c, 3) { print $c; "
          "select $u, $u, $u, .02 }' | timeout 3 nc 127.0.0.1 8080");
}
END_TEST

START_TEST(other_clients_are_there_before)
{
    const struct kit_bytes others[] = {{NULL, 0}, bytes_of("GET /\r\n", 7)};
    struct exchange exchange = get_of("/$x", "");
    exchange.others = others;
    exchange.other_count = 2;
    judge(&exchange, "bash -c \"exec 3<>/dev/tcp/127.0.0.1/8080; exec 4<>/dev/tcp/127.0.0.1/8080; "
                     "printf 'GET /\\r\\n' >&4; sleep 1; "
                     "curl -i 'http://127.0.0.1:8080/\\$x'\"");
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
    static const char *const words[] = {"it's $HOME `ls` \\n * \"fig\" !",
                                        "two\r\nlines\t100% it's"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *word = words[i];
        auto_str struct str command = STR_INIT;
        str_append(&command, "printf %s ");
        shell_append_word(&command, word);
        auto_str struct str written = STR_INIT;
        run_shell(command.data, &written);
        ck_assert_str_eq(written.data, word);
    }
}
END_TEST

START_TEST(double_quotes_keep_everything)
{
    static const char script[] = "printf %s 'a\\b\\\\c \"d\" $e `f` \\$g' \"$((1+1))\" \\' 'h\\'";
    auto_str struct str command = STR_INIT;
    str_append(&command, "sh -c ");
    shell_append_double_quoted(&command, script);
    auto_str struct str written = STR_INIT, plain = STR_INIT;
    run_shell(command.data, &written);
    run_shell(script, &plain);
    ck_assert_uint_gt(plain.length, 10);
    ck_assert_str_eq(written.data, plain.data);
}
END_TEST

UNIT_MAIN("reproduce", a_plain_get_is_a_plain_curl, paths_are_quoted_and_left_as_they_are,
          fields_and_methods_are_given_to_curl, bodies_are_given_to_curl, long_bodies_are_generated,
          what_curl_cannot_say_goes_through_nc, raw_bytes_go_through_nc_with_the_port_of_lab_run,
          long_runs_are_generated_and_other_long_input_is_left_out, a_shell_writes_the_same_bytes,
          a_shell_takes_a_word_as_it_is, double_quotes_keep_everything,
          bytes_of_an_answer_are_made_visible, an_end_that_does_not_come_is_said,
          who_waits_for_nothing_gives_up, a_body_for_no_terminal_is_left_out,
          files_are_made_and_compared, what_is_made_is_of_the_same_kind_and_size,
          a_stored_file_is_looked_at, what_was_sent_in_parts_is_sent_in_parts,
          other_clients_are_there_before)
