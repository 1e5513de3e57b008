// SPDX-License-Identifier: MIT
// Connections, the reader and expectations, seen from the runner: what a learner is told.
#include "base/text.h"
#include "serving.h"

struct told {
    const char *check;
    const char *message; // a part of it
    const char *at;      // what the program sent at the offset; "" at the end, NULL: no offset
    const char *because; // a part of it, or NULL: there is none
    const char *command; // the beginning of the command to see it, or NULL
};

// All that the program sent on a connection, as far as it was recorded.
static void received(const struct outcome *outcome, int connection, struct str *out)
{
    const cJSON *record;
    cJSON_ArrayForEach(record, outcome->records)
    {
        if (strcmp(text_of(record, "record"), "io") == 0 &&
            strcmp(text_of(record, "from"), "program") == 0 &&
            cJSON_GetObjectItem(record, "connection")->valueint == connection)
            text_append_unescaped(out, text_of(record, "text"));
    }
}

static void judge_offset(const struct outcome *outcome, const struct told *told)
{
    const cJSON *failure = record_of(outcome, "fail");
    const cJSON *offset = cJSON_GetObjectItem(failure, "offset");
    if (told->at == NULL) {
        expect(outcome, offset == NULL);
        return;
    }
    const cJSON *connection = cJSON_GetObjectItem(failure, "connection");
    expect(outcome, offset != NULL && connection != NULL);
    auto_str struct str all = STR_INIT;
    received(outcome, connection->valueint, &all);
    size_t at = (size_t)offset->valueint;
    expect(outcome, at <= all.length);
    expect(outcome, *told->at != '\0' || at == all.length);
    expect(outcome, strncmp(str_text(&all) + at, told->at, strlen(told->at)) == 0);
}

static void judge_words(const struct outcome *outcome, const struct told *told)
{
    const cJSON *because = record_of(outcome, "because");
    if (told->because == NULL)
        expect(outcome, because == NULL);
    else
        expect(outcome, strstr(text_of(because, "text"), told->because) != NULL);
    if (told->command != NULL)
        expect(outcome,
               str_starts_with(text_of(record_of(outcome, "reproduce"), "command"), told->command));
}

static struct outcome run(const struct serving *serving, int id, const char *check)
{
    const struct asked asked = {id, check, "programs", "net", NULL, 0};
    return check_collect(serving, id, check_ask(serving, &asked));
}

static void judge_failures(const struct told *all, size_t count)
{
    struct serving serving = serving_open("net");
    for (size_t i = 0; i < count; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, all[i].check);
        expect_failed(&outcome, all[i].message);
        judge_offset(&outcome, &all[i]);
        judge_words(&outcome, &all[i]);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}

#define JUDGE_FAILURES(all) judge_failures((all), sizeof(all) / sizeof *(all))

static void judge_passes(const char *const *checks, size_t count)
{
    struct serving serving = serving_open("net");
    for (size_t i = 0; i < count; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, checks[i]);
        expect_passed(&outcome);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}

#define JUDGE_PASSES(...)                                                                          \
    judge_passes((const char *const[]){__VA_ARGS__},                                               \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

// ---------------------------------------------------------------- what is right

START_TEST(right_answers_meet_every_expectation)
{
    JUDGE_PASSES("right/whole_answer", "right/answer_byte_by_byte", "right/answer_until_close",
                 "right/pipelined_answers", "right/interim_answers", "right/head_has_no_body",
                 "right/close_without_an_answer", "right/curl_gets");
}
END_TEST

START_TEST(bytes_go_both_ways_in_every_manner)
{
    JUDGE_PASSES("right/raw_bytes", "right/half_closed", "right/over_ipv6_with_a_small_buffer",
                 "right/request_in_pieces", "right/sent_until_the_answer");
}
END_TEST

START_TEST(many_connections_and_much_data_are_no_trouble)
{
    JUDGE_PASSES("right/many_connections", "right/large_upload");
}
END_TEST

START_TEST(a_cache_stands_before_the_program)
{
    JUDGE_PASSES("cache/what_may_be_kept_is_a_hit", "cache/what_is_for_one_is_asked_for_again",
                 "cache/languages_are_kept_apart");
    static const struct told all[] = {
        {"cache/answer_of_the_cache_differs", "X-Cache-Status is MISS, expected HIT", "MISS", NULL,
         "curl"},
    };
    JUDGE_FAILURES(all);
}
END_TEST

// ---------------------------------------------------------------- broken answers

START_TEST(broken_rules_are_told_with_place_and_section)
{
    static const struct told all[] = {
        {"broken/no_status_line", "the answer begins with \"hello\"", "hello", "RFC 9112 4",
         "printf 'GET /close/"},
        {"broken/bare_line_feed", "a field line ends in \\n without \\r", "\n\r\nmango",
         "RFC 9112 2.2", "printf"},
        {"broken/lengths_that_differ", "two Content-Length fields differ: 5 and 6", "6\r\n",
         "RFC 9112 6.3", "printf"},
        {"broken/half_a_line_that_is_wrong", "a line contains a \\r that no \\n follows", "\rcc",
         "RFC 9112 2.2", "printf"},
        {"broken/curl_forgives", "a blank stands between a field name and its colon", " : 5",
         "RFC 9112 5.1", "printf"},
    };
    JUDGE_FAILURES(all);
}
END_TEST

START_TEST(wrong_lengths_are_told_at_the_field)
{
    static const struct told all[] = {
        {"broken/length_too_large_and_open", "Content-Length says 12, the body has 9 bytes",
         "12\r\n", "a client waits for 3 bytes that never come (RFC 9112 6.3)", "curl"},
        {"broken/length_too_large_and_closed", "Content-Length says 12, the body has 9 bytes",
         "12\r\n", "a client waits for 3 bytes", "curl"},
        {"broken/curl_refuses", "Content-Length says 12, the body has 9 bytes", "12\r\n",
         "a client waits for 3 bytes", "curl"},
        {"broken/much_is_missing", "the connection was closed after 9 of 4096 bytes of the body",
         "", "RFC 9112 8", "curl"},
        {"broken/length_too_small", "3 bytes more than Content-Length says came behind the body",
         "417", "RFC 9112 6.3", "printf"},
        {"broken/body_behind_head", "the answer to HEAD has a body of 5 bytes", "mango",
         "RFC 9110 9.3.2", "printf 'HEAD "},
    };
    JUDGE_FAILURES(all);
}
END_TEST

START_TEST(answers_that_do_not_end_are_told)
{
    static const struct told all[] = {
        {"broken/no_length_and_open", "has no Content-Length and the connection stays open",
         "\r\nmango", "RFC 9112 6.3", "curl"},
        {"broken/head_without_end", "does not end: no empty line came", "", "RFC 9112 2.1",
         "printf"},
        {"broken/chunks_without_end", "do not end: no chunk of size 0 came", "", "RFC 9112 7.1",
         "curl"},
        {"broken/no_answer", "the answer to GET /hold/ never came", NULL, NULL, "curl"},
        {"broken/one_of_many_unanswered", "the answer to GET /hold/ on connection 2 never came",
         NULL, NULL, "bash -c \"exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET /"},
        {"broken/not_closed", "the connection stays open after the answer", NULL, NULL, "printf"},
        {"broken/curl_waits", "curl still waits: the answer to GET /hold/", NULL, NULL, "curl"},
    };
    JUDGE_FAILURES(all);
}
END_TEST

START_TEST(connections_that_end_too_early_are_told)
{
    static const struct told all[] = {
        {"broken/closed_in_the_head", "the connection was closed before the answer to GET /close/",
         "", "RFC 9112 8", "curl"},
        {"broken/closed_without_an_answer",
         "the connection was closed before the answer to GET /close/", "", "RFC 9110 3.3", "curl"},
        {"broken/reset_without_an_answer",
         "the connection was reset before the answer to GET /reset/", "", "RFC 9110 3.3", "curl"},
        {"broken/program_ends", "the program ended with status 3", NULL, NULL, "curl"},
        {"broken/program_crashes", "null pointer", NULL, NULL, "curl"},
        {"differs/too_few_bytes", "the connection was closed after 5 of 9 bytes", "", NULL,
         "printf"},
    };
    JUDGE_FAILURES(all);
}
END_TEST

START_TEST(programs_that_take_or_give_no_end_are_told)
{
    static const struct told all[] = {
        {"broken/flooded", "the program sent more than 64 MiB on one connection", NULL, "", NULL},
        {"broken/not_read", "the program stopped reading POST /deaf/", NULL, NULL, NULL},
        {"broken/stopped_listening", "was refused: the program listens there no more", NULL, "",
         "curl"},
    };
    struct serving serving = serving_open("net");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, all[i].check);
        expect_failed(&outcome, all[i].message);
        judge_words(&outcome, &all[i]);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}
END_TEST

// ---------------------------------------------------------------- expectations

START_TEST(differences_are_told_with_their_place)
{
    static const struct told all[] = {
        {"differs/other_status", "status is 404, expected 200", "404", "RFC 9110 15.3.1", "curl"},
        {"differs/none_of_three_statuses", "status is 200, expected 400, 413 or 414", "200", NULL,
         "curl"},
        {"differs/other_field", "Content-Type is text/plain, expected text/html", "plain", NULL,
         "curl"},
        {"differs/other_media_type", "Content-Type is text/plain, expected text/plainer", "\r\n",
         NULL, "curl"},
        {"differs/missing_field", "no Allow field in the answer", "\r\nmango", NULL, "curl"},
        {"differs/missing_member", "Allow is \"GET , POST, PUT\", expected POS in the list", "PUT",
         NULL, "curl"},
        {"differs/surplus_member", "Allow is \"PUT\", expected no put in the list", "PUT", NULL,
         "curl"},
        {"differs/other_value", "a length of 5", "5\r\n", "what the author found", "curl"},
        {"differs/value_of_no_field", "no ETag field in the answer", "\r\nmango", NULL, "curl"},
        {"differs/surplus_field", "the answer has the field Content-Type, expected none",
         "Content-Type", NULL, "curl"},
        {"differs/other_short_body", "the body is \"mango\", expected \"melon\"", "ango", NULL,
         "curl"},
        {"differs/other_chunked_body", "the body differs at byte 5 of 44", "o\r\n0", NULL, "curl"},
        {"differs/other_long_body", "the body differs at byte 17 of 4096", "-", NULL, NULL},
        {"differs/body_with_a_secret", "the body contains \"ngo\" at byte 3", "n\r\n2", NULL,
         "curl"},
        {"differs/other_bytes", "the bytes differ at byte 5 of 8", "o", NULL, "printf"},
        {"differs/body_is_no_gzip", "the body is no whole gzip stream", "mango", "RFC 9110 8.4.1",
         "curl"},
    };
    JUDGE_FAILURES(all);
}
END_TEST

START_TEST(an_author_who_uses_a_closed_connection_is_told)
{
    struct serving serving = serving_open("net");
    struct outcome outcome = run(&serving, 1, "author/own_connections_are_closed");
    expect_no_end(&outcome);
    expect(&outcome,
           strstr(text_of(record_of(&outcome, "broken"), "text"), "use kit_connect") != NULL);
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

KIT_TESTS(right_answers_meet_every_expectation, bytes_go_both_ways_in_every_manner,
          many_connections_and_much_data_are_no_trouble, a_cache_stands_before_the_program,
          broken_rules_are_told_with_place_and_section, wrong_lengths_are_told_at_the_field,
          answers_that_do_not_end_are_told, connections_that_end_too_early_are_told,
          programs_that_take_or_give_no_end_are_told, differences_are_told_with_their_place,
          an_author_who_uses_a_closed_connection_is_told)
