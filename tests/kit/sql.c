// SPDX-License-Identifier: MIT
// Databases, seen from the runner: what a check finds in one, and how it is told.
#include "serving.h"

static struct outcome run(const struct serving *serving, int id, const char *check,
                          const char *mode)
{
    const struct asked asked = {id, check, "programs", "sql", mode, 0};
    return check_collect(serving, id, check_ask(serving, &asked));
}

static const char *line_of(const cJSON *record, const char *list, int line)
{
    return cJSON_GetStringValue(cJSON_GetArrayItem(cJSON_GetObjectItem(record, list), line));
}

START_TEST(rows_of_a_database_are_judged)
{
    static const struct {
        const char *check, *mode, *message; // NULL: it passes
    } all[] = {
        {"sql/rows_are_as_expected", "right", NULL},
        {"sql/made_before_the_program", "right", NULL},
        {"sql/waits_for_the_lock", "lets", NULL},
        {"sql/waits_for_the_lock", "locks", "the program never lets go of its lock"},
        {"sql/rows_are_as_expected", "none", "there is no database $FILES_DIR/fruit.db"},
        {"sql/rows_are_as_expected", "link", "there is no database $FILES_DIR/fruit.db"},
        {"sql/rows_are_as_expected", "text", "file is not a database"},
        {"sql/rows_are_as_expected", "endless", "the fruit: interrupted"},
        {"sql/one_value", "right", "the figs: the database has 3, expected 7"},
        {"sql/missing_table", "right", "no such table: vegetables"},
        {"sql/not_refused", "right", "a stock of none is taken"},
    };
    struct serving serving = serving_open("sql");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct outcome outcome = run(&serving, (int)i + 1, all[i].check, all[i].mode);
        if (all[i].message == NULL)
            expect_passed(&outcome);
        else
            expect_failed(&outcome, all[i].message);
        outcome_release(&outcome);
    }
    struct outcome outcome = run(&serving, 99, "sql/wrong_statement", "right");
    expect_no_end(&outcome);
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

START_TEST(a_failure_about_rows_is_told_with_statement_answer_and_tables)
{
    struct serving serving = serving_open("sql");
    struct outcome outcome = run(&serving, 1, "sql/other_rows", "right");
    expect_failed(&outcome, "the fruit: the database has 2 rows, expected 3");
    const cJSON *record = record_of(&outcome, "sql");
    ck_assert_str_eq(text_of(record, "statement"), "SELECT name, stock FROM fruit ORDER BY name");
    ck_assert_str_eq(text_of(record, "answer"), "2 rows");
    ck_assert_str_eq(line_of(record, "expected", 0), "  name | stock");
    ck_assert_str_eq(line_of(record, "expected", 2), "> lime | 2");
    ck_assert_str_eq(line_of(record, "found", 1), "  fig  | 3");
    ck_assert_str_eq(line_of(record, "found", 2), "> kiwi | NULL");
    outcome_release(&outcome);
    outcome = run(&serving, 2, "sql/statements_are_watched", "right");
    expect_failed(&outcome, "and shown");
    ck_assert_str_eq(line_of(record_of(&outcome, "sql"), "program", 1), "SELECT 2");
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

KIT_TESTS(rows_of_a_database_are_judged,
          a_failure_about_rows_is_told_with_statement_answer_and_tables)
