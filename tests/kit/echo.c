// SPDX-License-Identifier: MIT
// Streams, limits and ends, seen from the runner: right programs pass, wrong ones are told why.
#include "serving.h"

struct case_of {
    const char *check, *mode;
    const char *message; // a part of it; NULL: it passes
};

static struct outcome run(const struct serving *serving, int id, const char *check,
                          const char *mode)
{
    const struct asked asked = {id, check, "programs", "echo", mode, 0};
    return check_collect(serving, id, check_ask(serving, &asked));
}

static void judge(const struct case_of *all, size_t count)
{
    struct serving serving = serving_open("echo");
    for (size_t i = 0; i < count; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, all[i].check, all[i].mode);
        if (all[i].message == NULL)
            expect_passed(&outcome);
        else
            expect_failed(&outcome, all[i].message);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}

#define JUDGE(all) judge((all), sizeof(all) / sizeof *(all))

START_TEST(clients_that_send_together_wait_for_nobody)
{
    static const struct case_of all[] = {
        {"together/nothing_on_each", "right", NULL},
        {"together/little_on_each", "right", NULL},
        {"together/much_on_each", "right", NULL},
        {"together/flood_on_each", "serial", "the program stopped reading: client "},
        {"together/flood_on_each", "deaf", "the program stopped reading: client "},
        {"together/little_on_each", "serial", "0 of 100 bytes came, the rest never did"},
    };
    JUDGE(all);
}
END_TEST

// Whoever reads the records is not filled by what a thousand connections carry, and each is there.
START_TEST(many_connections_share_what_is_recorded)
{
    enum { CONNECTIONS = 8, ALL_MOST = 3 << 20, FIRST_LEAST = 64 << 10, EACH_LEAST = 256 };
    struct serving serving = serving_open("echo");
    struct outcome outcome = run(&serving, 1, "together/much_on_each", "right");
    size_t all = 0, each[CONNECTIONS + 1] = {0};
    const cJSON *record;
    cJSON_ArrayForEach(record, outcome.records)
    {
        if (strcmp(text_of(record, "record"), "io") != 0)
            continue;
        int connection = cJSON_GetObjectItem(record, "connection")->valueint;
        ck_assert_int_le(connection, CONNECTIONS);
        each[connection] += strlen(text_of(record, "text"));
        all += strlen(text_of(record, "text"));
    }
    expect_passed(&outcome);
    ck_assert_uint_le(all, ALL_MOST);
    ck_assert_uint_ge(each[1], FIRST_LEAST);
    for (int i = 1; i <= CONNECTIONS; i++)
        ck_assert_uint_ge(each[i], EACH_LEAST);
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

START_TEST(connections_that_close_while_all_send_are_no_trouble)
{
    static const struct case_of all[] = {
        {"together/little_on_each", "closes", "the connection was closed after 0 of 100 bytes"},
        {"together/flood_on_each", "closes", "the connection was closed after 0 of "},
    };
    JUDGE(all);
}
END_TEST

START_TEST(a_client_that_does_not_read_sends_until_all_is_full)
{
    static const struct case_of all[] = {
        {"full/full_then_read", "right", NULL},
        {"full/small_enough_to_be_taken", "right", NULL},
        {"full/full_and_no_more", "right", NULL},
        {"full/full_and_no_more", "deaf", NULL},
        {"full/full_and_no_more", "closes", NULL},
        {"full/small_enough_to_be_taken", "closes", "the connection was closed after 0 of 2048"},
    };
    JUDGE(all);
}
END_TEST

START_TEST(what_the_program_has_not_read_is_counted)
{
    static const struct case_of all[] = {
        {"unread/all_is_read_and_owed", "right", NULL},
        {"unread/nothing_is_read", "deaf", NULL},
    };
    JUDGE(all);
}
END_TEST

START_TEST(the_number_of_descriptors_is_limited)
{
    static const struct case_of all[] = {
        {"limit/limit_arrives", "limit", NULL},
        {"limit/usual_limit", "limit", NULL},
    };
    JUDGE(all);
}
END_TEST

START_TEST(a_limit_that_comes_too_late_is_told_to_the_author)
{
    struct serving serving = serving_open("echo");
    struct outcome outcome = run(&serving, 1, "limit/limit_too_late", "right");
    expect_no_end(&outcome);
    expect(&outcome, strstr(text_of(record_of(&outcome, "broken"), "text"), "kit_serve") != NULL);
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

START_TEST(a_program_stands_still_goes_on_and_comes_to_rest)
{
    static const struct case_of all[] = {
        {"rest/frozen_and_thawed", "sizes", NULL},
        {"rest/frozen_and_thawed", "right", "the bytes differ at byte 1 of 2"},
        {"rest/idle_after_work", "works", NULL},
        {"rest/idle_after_work", "right", "the program still worked"},
        {"rest/idle_after_the_end", "right", NULL},
    };
    JUDGE(all);
}
END_TEST

START_TEST(how_a_program_ends_is_told)
{
    static const struct case_of all[] = {
        {"end/ends_with_0", "right", NULL},
        {"end/ends_with_3", "status", NULL},
        {"end/ends_with_0", "status", "the program exited with status 3, expected 0"},
        {"end/ends_with_3", "right", "the program exited with status 0, expected 3"},
        {"end/ends_with_0", "signal", "ended by signal 15 (Terminated), expected it to exit with"},
        {"end/ends_with_0", "ignores", "the program does not end after SIGTERM"},
        {"end/ends_with_0", "leaks", "leak"},
        {"end/closes_at_its_end", "right", NULL},
        {"end/closes_at_its_end", "orphan", "status 0, and a child process of it lives on"},
    };
    JUDGE(all);
}
END_TEST

START_TEST(an_exit_that_differs_comes_with_both_and_the_reason)
{
    struct serving serving = serving_open("echo");
    struct outcome outcome = run(&serving, 1, "end/ends_with_0", "status");
    const cJSON *failure = record_of(&outcome, "fail");
    ck_assert_str_eq(text_of(failure, "expected"), "exit status 0");
    ck_assert_str_eq(text_of(failure, "actual"), "exit status 3");
    ck_assert_str_eq(text_of(record_of(&outcome, "because"), "text"), "an orderly end is 0");
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

START_TEST(an_end_in_the_middle_comes_with_the_authors_reason)
{
    struct serving serving = serving_open("echo");
    struct outcome outcome = run(&serving, 1, "together/little_on_each", "closes");
    ck_assert_str_eq(text_of(record_of(&outcome, "because"), "text"), "each gets its own");
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

KIT_TESTS(clients_that_send_together_wait_for_nobody, many_connections_share_what_is_recorded,
          connections_that_close_while_all_send_are_no_trouble,
          a_client_that_does_not_read_sends_until_all_is_full,
          what_the_program_has_not_read_is_counted, the_number_of_descriptors_is_limited,
          a_limit_that_comes_too_late_is_told_to_the_author,
          a_program_stands_still_goes_on_and_comes_to_rest, how_a_program_ends_is_told,
          an_exit_that_differs_comes_with_both_and_the_reason,
          an_end_in_the_middle_comes_with_the_authors_reason)
