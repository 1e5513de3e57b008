// SPDX-License-Identifier: MIT
// The bytes of a request on which a failure hangs, seen from the runner.
#include "base/text.h"
#include "serving.h"

struct marked {
    const char *check;
    int connection;
    const char *before; // what was sent right before the bytes
    const char *bytes;  // them; NULL: one byte, whichever
    const char *what;
};

// All that the check sent on a connection.
static void sent_on(const struct outcome *outcome, int connection, struct str *out)
{
    const cJSON *record;
    cJSON_ArrayForEach(record, outcome->records)
    {
        if (strcmp(text_of(record, "record"), "io") == 0 &&
            strcmp(text_of(record, "from"), "grader") == 0 &&
            cJSON_GetObjectItem(record, "connection")->valueint == connection)
            text_append_unescaped(out, text_of(record, "text"));
    }
}

static struct outcome run(const struct serving *serving, int id, const char *check)
{
    const struct asked asked = {id, check, "programs", "net", NULL, 0};
    return check_collect(serving, id, check_ask(serving, &asked));
}

static void judge(const struct outcome *outcome, const struct marked *marked)
{
    const cJSON *suspect = record_of(outcome, "suspect");
    expect(outcome, suspect != NULL);
    expect(outcome, cJSON_GetObjectItem(suspect, "connection")->valueint == marked->connection);
    expect(outcome, strcmp(text_of(suspect, "text"), marked->what) == 0);
    size_t at = (size_t)cJSON_GetObjectItem(suspect, "offset")->valueint;
    size_t length = (size_t)cJSON_GetObjectItem(suspect, "length")->valueint;
    auto_str struct str sent = STR_INIT;
    sent_on(outcome, marked->connection, &sent);
    expect(outcome, length >= 1 && at + length <= sent.length);
    size_t before = strlen(marked->before);
    expect(outcome, at >= before && memcmp(sent.data + at - before, marked->before, before) == 0);
    if (marked->bytes == NULL)
        expect(outcome, length == 1);
    else
        expect(outcome, length == strlen(marked->bytes) &&
                            memcmp(sent.data + at, marked->bytes, length) == 0);
}

static void judge_all(const struct marked *all, size_t count)
{
    struct serving serving = serving_open("suspect");
    for (size_t i = 0; i < count; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, all[i].check);
        expect(&outcome, record_of(&outcome, "fail") != NULL);
        judge(&outcome, &all[i]);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}

#define JUDGE_ALL(all) judge_all((all), sizeof(all) / sizeof *(all))

START_TEST(bytes_that_an_author_names_are_told)
{
    static const struct marked all[] = {
        {"named/named_before_the_request", 1, "\r\nX-Fruit", " ", "the blank before the colon"},
        {"named/named_behind_the_request", 1, "Host: fig\r\n", "Host", "one Host more"},
        {"named/named_on_a_connection", 1, "GE", "T /", "three bytes"},
        {"named/named_in_what_is_sent_next", 1, "fig\r\n", "Host", "the second Host"},
        {"named/named_past_the_end", 1, "\r\n", "\r\n", "the empty line"},
    };
    JUDGE_ALL(all);
}
END_TEST

START_TEST(they_are_found_wherever_the_check_failed)
{
    static const struct marked all[] = {
        {"named/the_failing_connection_comes_first", 1, "", "GET", "the method"},
        {"named/an_earlier_connection_is_looked_at", 1, "\r\n", "X-Fruit", "the field"},
        {"named/a_hang_has_them_too", 1, "GET ", "/hold/", "the path"},
        {"named/a_crash_has_them_too", 1, "GET ", "/crash/", "the path"},
    };
    JUDGE_ALL(all);
}
END_TEST

START_TEST(the_byte_that_should_have_come_back_is_found)
{
    static const struct marked all[] = {
        {"seen/a_byte_that_did_not_come_back", 1, "X-A: fig", " ",
         "the first byte that did not come back"},
        {"seen/a_byte_that_came_back_too", 1, "X-A: mango", ";", "this byte came back too"},
        {"seen/a_byte_that_is_not_in_the_file", 1, "", NULL,
         "the first byte that is not in the file"},
        {"seen/a_byte_of_a_chunk", 1, "10\r\nfgh", "i", "the first byte that is not in the file"},
        {"seen/a_byte_that_is_not_echoed", 1, "GET /h", "o",
         "the first byte that did not come back"},
        {"seen/an_author_knows_better", 1, "X-", "A", "the name"},
    };
    JUDGE_ALL(all);
}
END_TEST

START_TEST(nothing_is_told_without_reason)
{
    static const char *const checks[] = {"none/nothing_failed",
                                         "none/not_sent",
                                         "none/not_sent_so_far",
                                         "none/taken_back",
                                         "none/the_answer_alone_is_wrong",
                                         "none/all_came_back"};
    struct serving serving = serving_open("suspect");
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, checks[i]);
        expect(&outcome, (record_of(&outcome, "fail") == NULL) == (i == 0));
        expect(&outcome, record_of(&outcome, "suspect") == NULL);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}
END_TEST

START_TEST(what_did_not_happen_is_told)
{
    static const char *const all[][2] = {{"none/all_came_back", "close"},
                                         {"none/an_end_is_another", "exit"},
                                         {"seen/a_byte_that_is_not_echoed", ""}};
    struct serving serving = serving_open("suspect");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, all[i][0]);
        const cJSON *fail = record_of(&outcome, "fail");
        expect(&outcome, fail != NULL);
        const char *awaited =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(fail, "awaited"));
        expect(&outcome, strcmp(awaited == NULL ? "" : awaited, all[i][1]) == 0);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}
END_TEST

START_TEST(an_author_who_names_no_bytes_is_told)
{
    struct serving serving = serving_open("suspect");
    struct outcome outcome = run(&serving, 1, "none/no_words");
    expect_no_end(&outcome);
    expect(&outcome, strstr(text_of(record_of(&outcome, "broken"), "text"), "kit_suspect") != NULL);
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

KIT_TESTS(bytes_that_an_author_names_are_told, they_are_found_wherever_the_check_failed,
          the_byte_that_should_have_come_back_is_found, nothing_is_told_without_reason,
          what_did_not_happen_is_told, an_author_who_names_no_bytes_is_told)
