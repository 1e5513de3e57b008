// SPDX-License-Identifier: MIT
// A grader of databases, for the tests of what the kit can see in one.
#include "kit.h"

#include <stddef.h>
#include <string.h>

#define ALL "SELECT name, stock FROM fruit ORDER BY name"

static struct kit_database *open_fruit(void)
{
    kit_fixed_input("there is nothing to choose");
    kit_serve();
    return kit_sqlite("fruit.db");
}

START_TEST(rows_are_as_expected)
{
    struct kit_database *database = open_fruit();
    kit_expect_rows(database, "the fruit", ALL, "fig | 3", "kiwi | NULL");
    kit_expect_rows(database, "no fruit", "SELECT 1 FROM fruit WHERE stock > 9");
    const struct kit_rows *rows =
        kit_sql(database, "SELECT stock, ?2 AS given FROM fruit WHERE name = ?1", "fig", NULL);
    kit_expect(rows->count == 1 && rows->columns == 2, "one row of two columns");
    kit_expect(strcmp(rows->values[0], "3") == 0 && rows->values[1] == NULL, "3 and NULL");
    kit_expect(strcmp(rows->names[1], "given") == 0, "the second column's name");
    kit_expect(strcmp(kit_sql_value(database, "SELECT count(*) FROM fruit"), "2") == 0, "two");
    kit_expect_refused(database, "a negative stock is taken", "UPDATE fruit SET stock = -1",
                       "SQLITE_CONSTRAINT_CHECK");
    const struct kit_sql_answer *answer =
        kit_sql_try(database, "INSERT INTO fruit VALUES (?1, 1)", "fig");
    kit_expect(strcmp(answer->code, "SQLITE_CONSTRAINT_PRIMARYKEY") == 0, "%s", answer->code);
}
END_TEST

START_TEST(other_rows)
{
    kit_expect_rows(open_fruit(), "the fruit", ALL, "fig | 3", "lime | 2", "kiwi | NULL");
    kit_because("the lesson: there are three");
}
END_TEST

START_TEST(one_value)
{
    kit_expect_rows(open_fruit(), "the figs", "SELECT stock FROM fruit WHERE name = 'fig'", "7");
}
END_TEST

START_TEST(missing_table)
{
    kit_sql(open_fruit(), "SELECT * FROM vegetables");
}
END_TEST

START_TEST(wrong_statement)
{
    kit_sql(open_fruit(), "SELEKT 1");
}
END_TEST

START_TEST(not_refused)
{
    kit_expect_refused(open_fruit(), "a stock of none is taken", "UPDATE fruit SET stock = 0",
                       "SQLITE_CONSTRAINT");
}
END_TEST

START_TEST(waits_for_the_lock)
{
    kit_fixed_input("there is nothing to choose");
    struct kit_program *server = kit_serve();
    struct kit_database *database = kit_sqlite("fruit.db");
    const struct kit_sql_answer *answer =
        kit_sql_try(database, "UPDATE fruit SET stock = stock + 1 WHERE name = 'fig'");
    kit_expect(answer->code != NULL, "the lock is not there");
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "go\n");
    kit_sql(database, "UPDATE fruit SET stock = stock + 1 WHERE name = 'fig'");
    kit_expect_rows(database, "the figs", "SELECT stock FROM fruit WHERE name = 'fig'", "5");
}
END_TEST

START_TEST(statements_are_watched)
{
    kit_fixed_input("there is nothing to choose");
    kit_sql_watch();
    kit_serve();
    struct kit_statements statements = kit_sql_statements();
    kit_expect(statements.count == 2 && strcmp(statements.texts[1], "SELECT 2") == 0, "two");
    kit_expect(kit_sql_statements().count == 0, "they are told once");
    kit_expect(false, "and shown");
}
END_TEST

START_TEST(made_before_the_program)
{
    kit_fixed_input("there is nothing to choose");
    struct kit_database *database = kit_sqlite_new("old.db");
    kit_sql(database, "CREATE TABLE old (name)");
    kit_sql(database, "INSERT INTO old VALUES ('it''s')");
    kit_sqlite_close(database);
    kit_serve();
    kit_expect_rows(kit_sqlite("old.db"), "the old", "SELECT * FROM old", "it's");
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("sql", rows_are_as_expected);
    KIT_CHECK("sql", other_rows);
    KIT_CHECK("sql", one_value);
    KIT_CHECK("sql", missing_table);
    KIT_CHECK("sql", wrong_statement);
    KIT_CHECK("sql", not_refused);
    KIT_CHECK("sql", waits_for_the_lock);
    KIT_CHECK("sql", statements_are_watched);
    KIT_CHECK("sql", made_before_the_program);
}
