// SPDX-License-Identifier: MIT
// Programs that are run, and their origins, seen from the runner: right programs pass, wrong ones
// are told why.
#include "serving.h"

struct case_of {
    const char *check, *mode;
    const char *message; // a part of it; NULL: it passes
};

static struct outcome run(const struct serving *serving, int id, const struct case_of *this,
                          const char *folder)
{
    const struct asked asked = {id, this->check, folder, "client", this->mode, 0};
    return check_collect(serving, id, check_ask(serving, &asked));
}

static void judge(const struct case_of *all, size_t count, const char *folder)
{
    struct serving serving = serving_open("client");
    for (size_t i = 0; i < count; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, &all[i], folder);
        if (all[i].message == NULL)
            expect_passed(&outcome);
        else
            expect_failed(&outcome, all[i].message);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}

#define JUDGE(all) judge((all), sizeof(all) / sizeof *(all), "programs")
#define JUDGE_PLAIN(all) judge((all), sizeof(all) / sizeof *(all), "plain")

START_TEST(what_a_client_prints_and_its_status_are_judged)
{
    static const struct case_of all[] = {
        {"prints/prints_the_body", "right", NULL},
        {"prints/prints_the_body", "lines", "stdout goes on after its "},
        {"prints/prints_the_body", "spills", "stdout goes on after its "},
        {"prints/prints_the_body", "status", "the program exited with status 9, expected 0"},
        {"prints/prints_the_body", "crash", "store to null pointer"},
        {"prints/prints_the_body", "leaks", "leak"},
        {"prints/prints_the_body", "onerecv", NULL},
        {"prints/two_runs", "right", NULL},
    };
    JUDGE(all);
}
END_TEST

START_TEST(bytes_of_an_answer_can_be_named)
{
    static const struct case_of named = {"prints/named_bytes_of_an_answer", "right", "expected 99"};
    struct serving serving = serving_open("client");
    struct outcome outcome = run(&serving, 1, &named, "programs");
    expect_failed(&outcome, named.message);
    const cJSON *suspect = record_of(&outcome, "suspect");
    ck_assert_str_eq(text_of(suspect, "text"), "the status");
    ck_assert_int_eq(cJSON_GetObjectItem(suspect, "offset")->valueint, 9);
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

START_TEST(one_line_on_stderr_is_judged)
{
    static const struct case_of all[] = {
        {"prints/no_arguments_are_an_error", "right", NULL},
        {"prints/no_arguments_are_an_error", "silent", "stderr is empty, expected one line"},
        {"prints/no_arguments_are_an_error", "chatty", "stderr has 2 lines, expected one"},
    };
    JUDGE(all);
}
END_TEST

START_TEST(a_client_that_hangs_is_told_what_it_waits_for)
{
    static const struct case_of all[] = {
        {"prints/prints_the_body", "waits",
         "the program does not end: it waits for more than the server sends"},
        {"prints/prints_the_body", "half", "the program never finishes its request"},
        {"prints/prints_the_body", "mute", "the program connects and sends nothing"},
        {"prints/prints_the_body", "sleeps", "the program does not end"},
        {"prints/prints_the_body", "naps", "the program does not end"},
        {"hears/held_answer", "right", "the program does not end: it waits for more"},
        {"hears/unreachable", "patient", "the program does not end"},
    };
    JUDGE(all);
}
END_TEST

START_TEST(a_large_body_is_compared_and_not_kept)
{
    static const struct case_of all[] = {
        {"prints/large_body", "right", NULL},
        {"prints/large_body", "flips", "stdout differs from byte 70000000 on"},
        {"prints/large_body", "drops", "stdout ends after "},
        {"prints/large_body", "keeps", "of memory at once, expected less than 16 MiB"},
    };
    JUDGE_PLAIN(all);
}
END_TEST

START_TEST(a_client_whose_stdout_nobody_reads_waits)
{
    static const struct case_of all[] = {
        {"prints/held_stdout", "right", NULL},
        {"prints/held_stdout", "keeps", "the program reads on though nobody reads it"},
        {"prints/left_stdout", "right", "signal 13 (Broken pipe)"},
    };
    JUDGE_PLAIN(all);
}
END_TEST

START_TEST(requests_are_read_strictly)
{
    static const struct case_of all[] = {
        {"asks/request_is_right", "right", NULL},
        {"asks/request_is_right", "nohost", "the request has no Host field"},
        {"asks/request_is_right", "bareline", "the request line ends in \\n without \\r before it"},
        {"asks/request_is_right", "space", "a blank stands between a field name and its colon"},
        {"asks/request_is_right", "half", "the request ends before its empty line"},
        {"asks/request_is_right", "floods", "the program sent more than 64 MiB"},
        {"asks/request_is_right", "mute", "a request to 127.0.0.1:"},
        {"asks/request_is_right", "unasked", "the program ended with status 0"},
        {"asks/request_is_right", "twice",
         "the program sends a request where none was expected: GET /"},
    };
    JUDGE(all);
}
END_TEST

START_TEST(origins_have_addresses_and_targets)
{
    static const struct case_of all[] = {
        {"asks/other_hosts", "right", NULL},
        {"asks/ports_are_no_clients_own", "right", NULL},
        {"asks/connection_is_used_again", "right", NULL},
        {"asks/connection_is_used_again", "anew", "2 connections came to 127.0.0.1:"},
        {"asks/targets_have_answers_of_their_own", "right", NULL},
        {"asks/targets_have_answers_of_their_own", "anew", NULL},
    };
    JUDGE(all);
}
END_TEST

START_TEST(origins_answer_as_the_check_says)
{
    static const struct case_of all[] = {
        {"hears/answer_in_pieces", "greedy", NULL},
        {"hears/answer_in_pieces", "onerecv", "stdout is empty, expected 200 bytes"},
        {"hears/until_close", "right", NULL},
        {"hears/body_cut_off", "right", NULL},
        {"hears/reset_in_the_middle", "right", NULL},
        {"hears/closed_before_the_request", "right", NULL},
        {"hears/refused", "right", NULL},
        {"hears/unreachable", "right", NULL},
        {"hears/endless", "right", NULL},
        {"hears/paused", "right", NULL},
        {"hears/after_the_client_closed", "right", NULL},
    };
    JUDGE(all);
}
END_TEST

START_TEST(a_real_server_stands_in_the_cell)
{
    static const struct case_of all[] = {
        {"service/nginx_serves", "right", NULL},
        {"service/nginx_serves", "lines", "stdout goes on after its "},
        {"service/nginx_stops_and_starts", "right", NULL},
        {"service/nginx_stalls", "right", "the program does not end"},
        {"service/the_program_knows_the_url_alone", "right", NULL},
    };
    JUDGE(all);
}
END_TEST

START_TEST(a_service_that_the_machine_lacks_is_told_with_its_cure)
{
    struct serving serving = serving_open("client");
    const struct case_of case_ = {"service/lacking", "right", NULL};
    struct outcome outcome = run(&serving, 1, &case_, "programs");
    expect_no_end(&outcome);
    const cJSON *record = record_of(&outcome, "environment");
    expect(&outcome, record != NULL);
    ck_assert_str_eq(text_of(record, "text"), "the service teapot: there is no tea");
    ck_assert_str_eq(text_of(record, "cure"), "apt install tea");
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

static void is_broken(const char *check, const char *reason)
{
    struct serving serving = serving_open("client");
    const struct case_of this = {check, "right", NULL};
    struct outcome outcome = run(&serving, 1, &this, "programs");
    expect_no_end(&outcome);
    if (reason != NULL) {
        const char *text = text_of(record_of(&outcome, "broken"), "text");
        ck_assert_msg(strstr(text, reason) != NULL, "\"%s\"", text);
    }
    outcome_release(&outcome);
    serving_close(&serving);
}

START_TEST(a_check_with_a_fault_of_its_own_never_passes)
{
    is_broken("author/step_without_turn", "a step of an origin comes before its turn");
    is_broken("author/origin_dies", NULL);
    is_broken("author/no_such_service", "there is no fixture for the service samovar");
    is_broken("author/memory_of_a_sanitized_build", "needs .build = KIT_PLAIN");
}
END_TEST

START_TEST(the_records_tell_arguments_output_and_script)
{
    struct serving serving = serving_open("client");
    const struct case_of case_ = {"prints/prints_the_body", "lines", NULL};
    struct outcome outcome = run(&serving, 1, &case_, "programs");
    const cJSON *arguments = cJSON_GetObjectItem(record_of(&outcome, "run"), "arguments");
    expect(&outcome, cJSON_GetArraySize(arguments) == 1);
    const char *url = cJSON_GetStringValue(cJSON_GetArrayItem(arguments, 0));
    ck_assert_ptr_eq(strstr(url, "http://127.0.0.1:"), url);
    expect(&outcome, strstr(text_of(record_of(&outcome, "output"), "text"), "and more\\n") != NULL);
    expect(&outcome, strcmp(text_of(record_of(&outcome, "fail"), "stream"), "stdout") == 0);
    const char *script = text_of(record_of(&outcome, "script"), "text");
    ck_assert_ptr_nonnull(strstr(script, "on request\\nsend HTTP/1.1 200 OK"));
    auto_free char *command =
        str_format("lab run --origin .lab/last/prints.prints_the_body.origin -- %s", url);
    ck_assert_str_eq(text_of(record_of(&outcome, "reproduce"), "command"), command);
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

KIT_TESTS(what_a_client_prints_and_its_status_are_judged, bytes_of_an_answer_can_be_named,
          one_line_on_stderr_is_judged, a_client_that_hangs_is_told_what_it_waits_for,
          a_large_body_is_compared_and_not_kept, a_client_whose_stdout_nobody_reads_waits,
          requests_are_read_strictly, a_real_server_stands_in_the_cell,
          a_service_that_the_machine_lacks_is_told_with_its_cure,
          origins_have_addresses_and_targets, origins_answer_as_the_check_says,
          a_check_with_a_fault_of_its_own_never_passes,
          the_records_tell_arguments_output_and_script)
