// SPDX-License-Identifier: MIT
// What was sent and what came back, on the screen.
#include "report_sample.h"

START_TEST(a_hang_names_each_client)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check =
        sample_set(sample, 6, CHECK_FAILED, "second_client_is_answered_while_first_is_idle",
                   "the second client gets no answer while the first one is idle");
    sample_io(sample, check, 0.001, false, 1, "");
    sample_io(sample, check, 0.002, false, 2, "");
    sample_io(sample, check, 0.002, false, 2, "GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
    check->connection = 2;
    check->program.state = literal("stuck");
    check->notes =
        (struct strings){(char *[]){literal("no other thread is there to answer client 2")}, 1};
    auto_free char *text = report(sample);
    expect_text(text,
                "FAIL  7  concurrent      an idle client blocks nobody                     0/10\n");
    expect_text(text, "\nconcurrent/second_client_is_answered_while_first_is_idle\n"
                      "error: the second client gets no answer while the first one is idle\n"
                      "  client 1  connected at 0.001 s, sent nothing\n"
                      "  client 2  connected at 0.002 s, sent GET / HTTP/1.1, received nothing\n"
                      "note: no other thread is there to answer client 2\n");
    ck_assert_str_eq(check_outcome(check), "timeout");
}
END_TEST

START_TEST(expected_and_actual_stand_below_each_other_where_the_message_has_them_not)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, "the body differs");
    check->expected = literal("mango-417\\x00");
    check->actual = literal("mango-418\\n");
    auto_free char *text = report(sample);
    expect_text(text, "  expected  mango-417\\x00\n"
                      "  actual    mango-418\\n\n"
                      "                    ^^^\n");
}
END_TEST

START_TEST(a_value_of_blanks_can_be_seen)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check =
        sample_set(sample, 1, CHECK_FAILED, NULL, "the status line has no blank");
    check->expected = literal(" ");
    check->actual = literal("");
    auto_free char *text = report(sample);
    expect_text(text, "  expected  ` `\n");
}
END_TEST

START_TEST(a_large_body_is_cut_away_from_the_difference)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, "the body differs");
    auto_str struct str body = STR_INIT;
    for (int i = 0; i < 60000; i++)
        str_append_char(&body, (char)('a' + i % 26));
    body.data[30000] = '!';
    sample_io(sample, check, 0, false, 1, "GET / HTTP/1.1\\r\\n\\r\\n");
    sample_io(sample, check, 0, true, 1, str_text(&body));
    check->connection = 1;
    check->has_offset = true;
    check->offset = 30000;
    auto_free char *text = report(sample);
    const char *wrong = strchr(text, '!');
    ck_assert_ptr_nonnull(wrong);
    const char *line = wrong;
    while (line[-1] != '\n')
        line--;
    const char *below = strchr(wrong, '\n') + 1;
    ck_assert_int_eq(below[wrong - line], '^');
    expect_text(text, " bytes …\n");
    ck_assert_uint_lt(count_text(text, "\n"), 60);
}
END_TEST

START_TEST(a_wrong_number_is_marked_whole_and_a_word_from_its_first_wrong_byte)
{
    static const struct {
        const char *expected, *actual, *carets;
        size_t offset;
    } cases[] = {{"12", "15", "n: 15 word\n               ^^\n", 3},
                 {"wolf", "word", "n: 15 word\n                    ^^\n", 6},
                 {"wolf", "word", "n: 15 word\n                    ^^\n", 8},
                 {"other", "not there", "n: 15 word\n               ^\n", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_sample struct sample *sample = sample_new(15);
        struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, "it differs");
        sample_io(sample, check, 0, true, 1, "n: 15 word");
        check->connection = 1;
        check->has_offset = true;
        check->offset = cases[i].offset;
        check->expected = literal(cases[i].expected);
        check->actual = literal(cases[i].actual);
        auto_free char *text = report(sample);
        expect_text(text, cases[i].carets);
    }
}
END_TEST

// A request with a blank before a colon, which was answered.
static struct check_result *answered(struct sample *sample, size_t offset, size_t length,
                                     char *text)
{
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, "status is 200");
    sample_io(sample, check, 0, false, 1, "GET / HTTP/1.1\\r\\nX-Fruit : fig\\r\\n\\r\\n");
    sample_io(sample, check, 0, true, 1, "HTTP/1.1 200 OK\\r\\n\\r\\n");
    check->suspect = (struct suspect){1, offset, length, text};
    return check;
}

START_TEST(the_bytes_of_the_request_that_matter_get_carets_and_words)
{
    static const struct {
        size_t offset, length;
        const char *carets;
    } cases[] = {
        {23, 1,
         "            X-Fruit : fig\\r\\n\n                   ^ what it is\n            \\r\\n\n"},
        {0, 3, "  sent      GET / HTTP/1.1\\r\\n\n            ^^^ what it is\n            X-Fruit"},
        {29, 99, "            X-Fruit : fig\\r\\n\n                         ^^^^ what it is\n"},
        {31, 2, "            \\r\\n\n            ^^^^ what it is\n  received"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_sample struct sample *sample = sample_new(15);
        answered(sample, cases[i].offset, cases[i].length, literal("what it is"));
        auto_free char *text = report(sample);
        expect_text(text, cases[i].carets);
        ck_assert_uint_eq(count_text(text, "^ what it is"), 1);
    }
}
END_TEST

START_TEST(words_without_room_behind_the_carets_stand_below)
{
    auto_sample struct sample *sample = sample_new(15);
    answered(sample, 23, 1,
             literal("the blank between the name of the field and its colon, which no "
                     "field has"));
    auto_free char *text = report(sample);
    expect_text(text, "                   ^\n            the blank between the name of the field "
                      "and its colon, which no\n            field has\n            \\r\\n\n");
}
END_TEST

START_TEST(bytes_that_were_not_sent_get_no_carets)
{
    auto_sample struct sample *sample = sample_new(15);
    answered(sample, 1000, 1, literal("nowhere"))->suspect.connection = 1;
    auto_free char *text = report(sample);
    expect_no_text(text, "nowhere");
    auto_sample struct sample *other = sample_new(15);
    answered(other, 0, 3, literal("elsewhere"))->suspect.connection = 2;
    auto_free char *second = report(other);
    expect_no_text(second, "elsewhere");
}
END_TEST

START_TEST(bytes_that_are_missing_get_a_caret_behind_the_last_one)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, "the body ends early");
    sample_io(sample, check, 0, true, 1, "HTTP/1.1 200 OK\\r\\n\\r\\nman");
    check->connection = 1;
    check->has_offset = true;
    check->offset = 22;
    auto_free char *text = report(sample);
    expect_text(text, "            man\n               ^\n");
}
END_TEST

START_TEST(bytes_that_were_not_recorded_are_counted)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, "the body differs");
    sample_io(sample, check, 0, true, 1, "abc\\n");
    sample_io(sample, check, 0, true, 1, "xyz");
    check->transcript[1].omitted = 1234;
    check->transcript[1].offset += 1234;
    auto_free char *text = report(sample);
    expect_text(text, "  received  abc\\n\n            … 1,234 bytes …\n            xyz\n");
}
END_TEST

START_TEST(nothing_received_is_said)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, "no answer");
    sample_io(sample, check, 0, false, 1, "GET / HTTP/1.1\\r\\n\\r\\n");
    auto_free char *text = report(sample);
    expect_text(text, "  received  nothing\n");
}
END_TEST

START_TEST(of_several_connections_the_one_with_the_difference_is_whole)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check =
        sample_set(sample, 6, CHECK_FAILED, NULL, "the words are mixed up");
    for (int i = 1; i <= 20; i++) {
        sample_io(sample, check, 0, false, i, "GET /a HTTP/1.1\\r\\n\\r\\n");
        sample_io(sample, check, 0, true, i,
                  i == 17 ? "HTTP/1.1 200 OK\\r\\n\\r\\nb" : "HTTP/1.1 200 OK\\r\\n\\r\\na");
    }
    check->connection = 17;
    check->has_offset = true;
    check->offset = 19;
    auto_free char *text = report(sample);
    expect_text(text, "  client 17 sent GET /a HTTP/1.1, received HTTP/1.1 200 OK\n"
                      "  … 11 more clients …\n"
                      "  sent      GET /a HTTP/1.1\\r\\n\n"
                      "            \\r\\n\n"
                      "  received  HTTP/1.1 200 OK\\r\\n\n"
                      "            \\r\\n\n"
                      "            b\n"
                      "            ^\n");
}
END_TEST

START_TEST(many_exchanges_on_one_connection_are_cut_to_the_last)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check =
        sample_set(sample, 9, CHECK_FAILED, NULL, "the tenth is not answered");
    for (int i = 0; i < 10; i++) {
        sample_io(sample, check, 0, false, 1, "GET / HTTP/1.1\\r\\n\\r\\n");
        sample_io(sample, check, 0, true, 1, "HTTP/1.1 200 OK\\r\\n\\r\\n");
    }
    auto_free char *text = report(sample);
    expect_text(text, "            … 14 earlier parts …\n  sent      GET");
    ck_assert_uint_eq(count_text(text, "  received  "), 3);
}
END_TEST

START_TEST(a_difference_at_the_first_byte_of_an_answer_is_not_behind_the_one_before)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 9, CHECK_FAILED, NULL, "the line is another");
    sample_io(sample, check, 0, false, 1, "one\\r\\n");
    sample_io(sample, check, 0, true, 1, "STORED\\r\\n");
    sample_io(sample, check, 0, false, 1, "two\\r\\n");
    sample_io(sample, check, 0, true, 1, "x\\r\\n");
    check->connection = 1;
    check->has_offset = true;
    check->offset = 8;
    auto_free char *text = report(sample);
    expect_text(text, "  received  STORED\\r\\n\n"
                      "  sent      two\\r\\n\n"
                      "  received  x\\r\\n\n"
                      "            ^\n");
}
END_TEST

START_TEST(a_long_command_is_broken_where_a_shell_joins_it_again)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, "the body differs");
    check->reproduce =
        literal("printf 'GET /echo/a\\x20b HTTP/1.1\\r\\nHost: it'\\''s\\r\\nX-Long: "
                "aaaaaaaaaaaaaaaaaaaa"
                "aaaaaaaaaaaaaaaa bbbbbbbbbbbbb\\r\\n\\r\\n' | nc -q 1 \"127.0.0.1\" 8080");
    for (int width = 20; width <= 80; width += 7) {
        auto_free char *text = report_at(sample, &plain_options, width, false);
        const char *from = strstr(text, "printf");
        const char *end = strstr(from, "again:");
        ck_assert_uint_le(widest_line(text), (size_t)width);
        // sh itself says whether it is the same command.
        auto_free char *broken = str_format("%.*s", (int)(end - from), from);
        ck_assert_int_eq(setenv("WHOLE", check->reproduce, 1), 0);
        ck_assert_int_eq(setenv("BROKEN", broken, 1), 0);
        FILE *shell = popen("printf() { for w; do echo \"<$w>\"; done; }\n"
                            "nc() { cat; printf \"$@\"; }\n"
                            "a=$(eval \"$WHOLE\"); b=$(eval \"$BROKEN\")\n"
                            "[ \"$a\" = \"$b\" ] && echo same || echo other",
                            "r");
        char said[16] = "";
        ck_assert_ptr_nonnull(fgets(said, sizeof said, shell));
        pclose(shell);
        ck_assert_msg(str_equal(said, "same\n"), "%d columns:\n%s", width, broken);
    }
}
END_TEST

// A program that is run, and has connected once.
static struct check_result *ran(struct sample *sample, const char *message)
{
    static char *arguments[] = {"http://127.0.0.1:8080/it's", NULL};
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, message);
    check->was_run = true;
    check->arguments = (struct strings){arguments, 1};
    check->connection = 1;
    sample_io(sample, check, 0.001, true, 1, "");
    return check;
}

START_TEST(of_a_client_it_is_shown_what_it_asked_and_printed)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = ran(sample, "Host is a, expected b");
    sample_io(sample, check, 0.002, true, 1, "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n");
    sample_io(sample, check, 0.003, false, 1, "HTTP/1.1 200 OK\\r\\n\\r\\nfig");
    check->has_offset = true;
    check->offset = 22;
    check->output = literal("fig");
    check->output_length = 5000;
    check->transcript[check->transcript_count - 1].end = NULL;
    auto_free char *text = report(sample);
    expect_text(text, "  ran       the program 'http://127.0.0.1:8080/it'\\''s'\n"
                      "  asked     GET / HTTP/1.1\\r\\n\n"
                      "            Host: a\\r\\n\n"
                      "                  ^\n"
                      "            \\r\\n\n"
                      "  answered  HTTP/1.1 200 OK\\r\\n\n"
                      "            \\r\\n\n"
                      "            fig\n"
                      "  printed   fig\n"
                      "            … 4,997 bytes …\n");
    check->arguments = (struct strings)STRINGS_INIT;
    check->output = NULL;
}
END_TEST

START_TEST(the_end_that_a_server_makes_is_shown_where_it_came_first)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = ran(sample, "the program exited with status 0, expected 1");
    sample_io(sample, check, 0.002, true, 1, "GET / HTTP/1.1\\r\\n\\r\\n");
    sample_io(sample, check, 0.003, false, 1, "");
    check->transcript[check->transcript_count - 1].end = "reset";
    sample_io(sample, check, 0.004, true, 1, "");
    check->transcript[check->transcript_count - 1].end = "closed";
    auto_free char *first = report(sample);
    expect_text(first, "  answered  nothing\n            (the server reset the connection)\n");
    check->transcript[check->transcript_count - 1].end = "reset";
    check->transcript[check->transcript_count - 1].from_program = false;
    check->transcript[check->transcript_count - 2].from_program = true;
    auto_free char *second = report(sample);
    expect_no_text(second, "(the server");
    check->arguments = (struct strings)STRINGS_INIT;
}
END_TEST

START_TEST(stdout_that_differs_stands_below_what_was_expected)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = ran(sample, "stdout differs from byte 1 on");
    check->expected = literal("fig");
    check->actual = literal("fog");
    check->output = literal("fog");
    check->output_length = 3;
    check->stream = literal("stdout");
    check->reproduce = literal("lab run --origin .lab/last/a.b.origin -- http://127.0.0.1:8080/");
    check->reproduce_is_run = true;
    check->reproduce_environment = literal("REQUEST_TIMEOUT_MS=300");
    auto_free char *text = report(sample);
    expect_text(text, "  expected  fig\n"
                      "  printed   fog\n"
                      "             ^\n");
    ck_assert_uint_eq(count_text(text, "  printed "), 1);
    expect_text(text, "see it:\n"
                      "REQUEST_TIMEOUT_MS=300 lab run --origin .lab/last/a.b.origin -- \\\n"
                      "http://127.0.0.1:8080/\n");
    check->arguments = (struct strings)STRINGS_INIT;
}
END_TEST

START_TEST(a_server_that_asked_an_origin_is_run_beside_the_same_one)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, NULL, "the body differs");
    check->script = literal("server 127.0.0.1:20001\n");
    check->reproduce = literal("curl -i http://127.0.0.1:8080/");
    check->reproduce_environment = literal("ORIGIN_URL=http://127.0.0.1:20001");
    auto_free char *name = mem_copy_string(check->id);
    *strchr(name, '/') = '.';
    auto_free char *text = report(sample);
    expect_text(text, "see it:\nORIGIN_URL=http://127.0.0.1:20001 lab run --origin");
    auto_free char *then = str_format(".lab/last/%s.origin\nthen\ncurl -i http", name);
    expect_text(text, then);
}
END_TEST

START_TEST(of_several_servers_each_has_a_line)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = ran(sample, "2 requests came, expected 1");
    sample_io(sample, check, 0.002, true, 1, "GET /a HTTP/1.1\\r\\n\\r\\n");
    sample_io(sample, check, 0.003, false, 1, "HTTP/1.1 302 Found\\r\\n\\r\\n");
    sample_io(sample, check, 0.004, true, 2, "");
    check->connection = 0;
    auto_free char *text = report(sample);
    expect_text(text,
                "  server 1  connected at 0.001 s, asked GET /a HTTP/1.1, answered HTTP/1.1 302");
    expect_text(text, "  server 2  connected at 0.004 s, asked nothing\n");
    check->arguments = (struct strings)STRINGS_INIT;
}
END_TEST

UNIT_MAIN("exchange", of_a_client_it_is_shown_what_it_asked_and_printed,
          the_end_that_a_server_makes_is_shown_where_it_came_first,
          stdout_that_differs_stands_below_what_was_expected,
          a_server_that_asked_an_origin_is_run_beside_the_same_one,
          of_several_servers_each_has_a_line, a_hang_names_each_client,
          expected_and_actual_stand_below_each_other_where_the_message_has_them_not,
          a_value_of_blanks_can_be_seen, a_large_body_is_cut_away_from_the_difference,
          a_wrong_number_is_marked_whole_and_a_word_from_its_first_wrong_byte,
          the_bytes_of_the_request_that_matter_get_carets_and_words,
          words_without_room_behind_the_carets_stand_below, bytes_that_were_not_sent_get_no_carets,
          bytes_that_are_missing_get_a_caret_behind_the_last_one,
          bytes_that_were_not_recorded_are_counted, nothing_received_is_said,
          of_several_connections_the_one_with_the_difference_is_whole,
          many_exchanges_on_one_connection_are_cut_to_the_last,
          a_difference_at_the_first_byte_of_an_answer_is_not_behind_the_one_before,
          a_long_command_is_broken_where_a_shell_joins_it_again)
