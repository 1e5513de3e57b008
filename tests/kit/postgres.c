// SPDX-License-Identifier: MIT
// The service postgres and the kit's look into it, seen from the runner. Its template is made once
// a test: each of them has all the checks that it can have.
#include "serving.h"

static struct serving serving;
static int asked_so_far;

static void open_prepared(void)
{
    struct err err = ERR_INIT;
    serving = serving_open("postgres");
    auto_free char *fixture = path_join(serving.stage.path, "fixtures/postgres");
    auto_free char *init = path_join(serving.stage.path, "box-init");
    auto_free char *folder = stage_folder(&serving.stage, "prepared-postgres", &err);
    must(folder != NULL, &err);
    const struct box_mount mounts[] = {{fixture, "/fixture", false}, {folder, "/prepared", true}};
    const struct box_options options = {
        .level = serving.stage.level,
        .init = init,
        .argv = (const char *const[]){"/fixture", "--prepare", "/prepared", NULL},
        .environment = (const char *const[]){"PATH=/usr/bin:/bin", NULL},
        .mounts = mounts,
        .mount_count = 2,
        .own_network = true,
        .allow_tmp = true,
        .standard_input = -1,
        .standard_output = STDERR_FILENO,
        .standard_error = STDERR_FILENO,
        .user = serving.stage.user,
    };
    struct box box = BOX_INIT;
    int status = -1;
    must(box_start(&options, &box, &err), &err);
    ck_assert_int_eq(box_wait(&box, &status, &err), BOX_ENDED);
    ck_assert_int_eq(status, 0);
    box_release(&box);
}

static struct outcome ask(const char *check, const char *mode)
{
    int id = ++asked_so_far;
    const struct asked asked = {id, check, "programs", "postgres", mode, 0};
    return check_collect(&serving, id, check_ask(&serving, &asked));
}

static void expect_pass(const char *check)
{
    struct outcome outcome = ask(check, "");
    expect_passed(&outcome);
    outcome_release(&outcome);
}

// The strings of a member of the record "sql" that has it.
static bool sql_has(const struct outcome *outcome, const char *member, const char *line)
{
    const cJSON *record, *item;
    cJSON_ArrayForEach(record, outcome->records)
    {
        cJSON_ArrayForEach(item, cJSON_GetObjectItem(record, member))
        {
            if (cJSON_IsString(item) && strstr(item->valuestring, line) != NULL)
                return true;
        }
    }
    return false;
}

START_TEST(rows_of_postgres_are_compared_and_told)
{
    open_prepared();
    expect_pass("rows/rows_are_compared");
    struct outcome outcome = ask("rows/rows_are_compared", "forgets");
    expect_failed(&outcome, "the table: the database has 1 row, expected 2");
    expect(&outcome, sql_has(&outcome, "expected", "8  | x"));
    expect(&outcome, sql_has(&outcome, "program", "INSERT INTO t VALUES (8, 'x')"));
    expect(&outcome, sql_has(&outcome, "program",
                             "error 23505, a value that must be unique is there already"));
    outcome_release(&outcome);
    outcome = ask("rows/an_error_of_syntax_breaks", "");
    expect_no_end(&outcome);
    expect(&outcome, strstr(text_of(record_of(&outcome, "broken"), "text"),
                            "42601, the statement has an error of syntax") != NULL);
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

START_TEST(locks_of_postgres_are_waited_for)
{
    open_prepared();
    expect_pass("rows/a_lock_is_waited_for");
    struct outcome outcome = ask("rows/a_lock_is_waited_for", "forgets");
    expect_failed(&outcome, "the program never lets go of its lock on the database");
    expect(&outcome, any_note_has(&outcome, "idle in transaction; last it sent: SELECT pg_adv"));
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

START_TEST(conditions_of_postgres_are_waited_for)
{
    open_prepared();
    expect_pass("rows/a_condition_is_waited_for");
    serving_close(&serving);
}
END_TEST

START_TEST(notices_of_postgres_are_not_printed)
{
    open_prepared();
    expect_pass("rows/notices_are_nobodys_business");
    serving_close(&serving);
}
END_TEST

START_TEST(postgres_gives_its_role_no_power)
{
    open_prepared();
    expect_pass("rows/the_role_has_no_power");
    expect_pass("server/connections_are_counted");
    expect_pass("server/a_full_disk_is_an_error");
    serving_close(&serving);
}
END_TEST

START_TEST(postgres_stops_crashes_and_stands_still_when_told)
{
    open_prepared();
    expect_pass("server/the_server_comes_and_goes");
    serving_close(&serving);
}
END_TEST

KIT_TESTS(rows_of_postgres_are_compared_and_told, locks_of_postgres_are_waited_for,
          conditions_of_postgres_are_waited_for, notices_of_postgres_are_not_printed,
          postgres_gives_its_role_no_power, postgres_stops_crashes_and_stands_still_when_told)
