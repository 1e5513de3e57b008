// SPDX-License-Identifier: MIT
// The service redis, seen from the runner: what a check finds there, and how it is told.
#include "serving.h"

static struct outcome run(const struct serving *serving, int id, const char *check,
                          const char *mode)
{
    const struct asked asked = {id, check, "programs", "redis", mode, 1};
    return check_collect(serving, id, check_ask(serving, &asked));
}

START_TEST(redis_is_seen_changed_and_started_anew)
{
    static const struct {
        const char *check, *mode, *message; // NULL: it passes
    } all[] = {
        {"redis/is_as_expected", "right", NULL},
        {"redis/is_as_expected", "rules", NULL}, // the program may not end it
        {"redis/is_started_anew", "right", NULL},
        {"redis/other_string", "right", "the fruit: Redis has \"fig\\x00s\", expected kiwi"},
        {"redis/other_number", "right", "its life: Redis says more than 100"},
        {"redis/never_comes", "right", "the third fruit never comes"},
    };
    struct serving serving = serving_open("redis");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, all[i].check, all[i].mode);
        if (all[i].message == NULL)
            expect_passed(&outcome);
        else
            expect_failed(&outcome, all[i].message);
        outcome_release(&outcome);
    }
    static const char *const broken[] = {"redis/wrong_command",
                                         "redis/is_asked_while_it_is_stopped"};
    for (size_t i = 0; i < 2; i++) {
        struct outcome outcome = run(&serving, 90 + (int)i, broken[i], "right");
        expect_no_end(&outcome);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}
END_TEST

START_TEST(a_failure_about_redis_is_told_with_command_and_bytes)
{
    struct serving serving = serving_open("redis");
    struct outcome outcome = run(&serving, 1, "redis/other_bytes", "right");
    expect_failed(&outcome, "the fruit: Redis has other bytes than expected (5, expected 4)");
    const cJSON *record = record_of(&outcome, "sql");
    ck_assert_str_eq(text_of(record, "statement"), "GET fruit");
    ck_assert_str_eq(text_of(record, "answer"), "\"fig\\x00s\"");
    ck_assert_str_eq(
        cJSON_GetStringValue(cJSON_GetArrayItem(cJSON_GetObjectItem(record, "found"), 0)),
        "fig\\\\0s");
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

KIT_TESTS(redis_is_seen_changed_and_started_anew,
          a_failure_about_redis_is_told_with_command_and_bytes)
