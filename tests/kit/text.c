// SPDX-License-Identifier: MIT
// What text protocols and caches need of the kit, seen from the runner: lines, time, load.
#include "serving.h"

static struct outcome run(const char *check, const char *mode)
{
    struct serving serving = serving_open("text");
    const struct asked asked = {1, check, "programs", "text", mode, 0};
    struct outcome outcome = check_collect(&serving, 1, check_ask(&serving, &asked));
    serving_close(&serving);
    return outcome;
}

static void passes(const char *check, const char *mode)
{
    struct outcome outcome = run(check, mode);
    expect_passed(&outcome);
    outcome_release(&outcome);
}

static void fails(const char *check, const char *mode, const char *words)
{
    struct outcome outcome = run(check, mode);
    expect_failed(&outcome, words);
    outcome_release(&outcome);
}

// ---------------------------------------------------------------- lines

START_TEST(lines_are_expected_and_received)
{
    passes("line/is_expected", NULL);
    passes("line/is_received", "lf");
}
END_TEST

START_TEST(a_line_that_is_wrong_is_named)
{
    fails("line/is_another", NULL, "the line is \"mango\", expected \"fig\"");
    fails("line/begins_otherwise", NULL, "the line is \"mango\", expected one that begins with ");
    fails("line/is_expected", "lf", "the line does not end in \\r\\n");
    struct outcome outcome = run("line/is_another", NULL);
    const cJSON *failure = record_of(&outcome, "fail");
    ck_assert_int_eq(cJSON_GetObjectItem(failure, "offset")->valueint, 0);
    ck_assert_str_eq(text_of(record_of(&outcome, "because"), "text"), "figs are better");
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_line_that_never_comes_is_told_by_what_was_asked)
{
    fails("line/is_received", "half", "a line began, and its end never came");
    fails("line/is_another", "close", "the connection was closed before the answer to say mango");
    fails("load/is_not_answered", NULL, "under load the answers do not come: 0 of 100");
}
END_TEST

// ---------------------------------------------------------------- time

START_TEST(time_passes_while_the_program_sleeps)
{
    passes("time/passes", NULL);
}
END_TEST

START_TEST(a_program_that_ends_meanwhile_fails)
{
    fails("time/ends_with_the_program", NULL, "ended with status 3");
}
END_TEST

START_TEST(a_check_lets_no_minute_pass)
{
    struct outcome outcome = run("time/is_too_long", NULL);
    expect_no_end(&outcome);
    ck_assert_int_eq(count_of(&outcome, "broken"), 1);
    outcome_release(&outcome);
}
END_TEST

// ---------------------------------------------------------------- load

START_TEST(load_is_answered_and_costs_cpu_time)
{
    passes("load/is_answered", NULL);
}
END_TEST

START_TEST(a_wrong_answer_under_load_fails)
{
    fails("load/is_answered", "wrong", "under load the program gives a wrong answer to get mango");
}
END_TEST

START_TEST(a_program_that_ends_under_load_fails)
{
    fails("load/is_left_by_the_program", NULL, "ended with status 3");
}
END_TEST

START_TEST(load_compares_a_program_with_a_service)
{
    fails("load/is_compared", "burn", "the program burns time");
}
END_TEST

START_TEST(load_goes_through_connections_in_turn)
{
    passes("load/is_taken_in_turn", NULL);
}
END_TEST

// ---------------------------------------------------------------- libmemcached

START_TEST(libmemcached_asks_through_connections_of_the_kit)
{
    struct outcome outcome = run("libmemcached/is_a_client", NULL);
    expect_passed(&outcome);
    const cJSON *record;
    bool recorded = false;
    cJSON_ArrayForEach(record, outcome.records) recorded |=
        strstr(text_of(record, "text"), "VALUE mango 7 3 42") != NULL;
    ck_assert(recorded);
    outcome_release(&outcome);
}
END_TEST

KIT_TESTS(lines_are_expected_and_received, a_line_that_is_wrong_is_named,
          a_line_that_never_comes_is_told_by_what_was_asked, time_passes_while_the_program_sleeps,
          a_program_that_ends_meanwhile_fails, a_check_lets_no_minute_pass,
          load_is_answered_and_costs_cpu_time, a_wrong_answer_under_load_fails,
          a_program_that_ends_under_load_fails, load_compares_a_program_with_a_service,
          load_goes_through_connections_in_turn, libmemcached_asks_through_connections_of_the_kit)
