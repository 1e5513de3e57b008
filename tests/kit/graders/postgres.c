// SPDX-License-Identifier: MIT
// Checks about the service postgres and the kit's look into it; programs/postgres.c is the program.
#include <fcntl.h>
#include <unistd.h>

#include "kit.h"

#define TABLE "CREATE TABLE t (id int PRIMARY KEY, v text)"

static struct kit_database *table_made(void)
{
    struct kit_database *database = kit_postgres();
    kit_sql(database, TABLE);
    kit_sql(database, "GRANT ALL ON t TO app");
    kit_sql(database, "INSERT INTO t VALUES ($1, $2)", "7", NULL);
    return database;
}

START_TEST(rows_are_compared)
{
    struct kit_database *database = table_made();
    struct kit_program *program = kit_run("BEGIN", "INSERT INTO t VALUES (8, 'x')", "COMMIT",
                                          "INSERT INTO t VALUES (8, 'x')");
    kit_expect_exit(program, 0);
    kit_expect_rows(database, "the table", "SELECT id, v FROM t ORDER BY id", "7 | NULL", "8 | x");
    kit_expect(kit_sql_statements().count == 4, "four statements were sent");
    kit_expect(kit_sql_statements().count == 0, "none were sent since");
    kit_expect_refused(database, "two rows have an id", "INSERT INTO t VALUES (7)", "23505");
}
END_TEST

// A statement of the check's own that is wrong is its author's fault.
START_TEST(an_error_of_syntax_breaks)
{
    kit_sql(kit_postgres(), "SELEC 1");
}
END_TEST

// Each of these would lead out of the database.
START_TEST(the_role_has_no_power)
{
    static const char *const statements[] = {
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "CREATE TEMP TABLE c (l text)", // ok
        "COPY c FROM '/etc/passwd'",
        "COPY c FROM PROGRAM 'id'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_ls_dir('/')",
        "CREATE DATABASE other",
        "CREATE EXTENSION file_fdw",
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/tmp/evil.so', 'f'",
        "LOAD '/tmp/evil.so'",
        "ALTER ROLE app SUPERUSER",
        "ALTER SYSTEM SET log_statement = 'none'",
        "SET log_statement = 'none'",
        "SET ROLE lab",
        "SELECT pg_reload_conf()",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lab'",
        "to template1",
        NULL};
    kit_postgres();
    struct kit_program *program = kit_run_arguments(statements);
    kit_expect_stdout(program, kit_text("42501\nok\n42501\n42501\n42501\n42501\n42501\n42501\n"
                                        "42501\n42501\n42501\n42501\n42501\n42501\n42501\n42501\n"
                                        "42501\n42501\nno entry\n"));
}
END_TEST

START_TEST(a_lock_is_waited_for)
{
    struct kit_database *database = table_made(), *holder = kit_postgres();
    kit_sql(holder, "BEGIN");
    kit_sql(holder, "SELECT pg_advisory_lock(5)");
    struct kit_program *program = kit_run("BEGIN", "UPDATE t SET v = 'program'",
                                          "SELECT pg_advisory_lock(5)", "COMMIT", "pause");
    kit_sql(database, "SELECT 1");
    kit_wait_until_idle(program);
    struct kit_sql *update = kit_sql_start(database, "UPDATE t SET v = v || ', check'");
    kit_sql(holder, "SELECT pg_advisory_unlock(5)");
    kit_expect(kit_sql_finish(update)->code == NULL, "the statement gets by");
    kit_expect_rows(database, "the row", "SELECT v FROM t", "program, check");
}
END_TEST

// The check's own lock is what the program waits for.
START_TEST(a_condition_is_waited_for)
{
    struct kit_database *database = table_made(), *holder = kit_postgres();
    kit_sql(holder, "BEGIN");
    kit_sql(holder, "SELECT FROM t FOR UPDATE");
    struct kit_program *program = kit_run("SELECT 1", "UPDATE t SET v = 'program'");
    bool waits = kit_sql_until(database,
                               "SELECT count(*) = $1::int FROM pg_stat_activity"
                               " WHERE usename = 'app' AND wait_event_type = 'Lock'",
                               "1");
    kit_expect(waits, "a session of the program waits for the lock");
    kit_sql(holder, "COMMIT");
    kit_expect_exit(program, 0);
    kit_expect(!kit_sql_until(database, "SELECT v = 'other' FROM t"), "what never comes is false");
}
END_TEST

// What is printed by a check's process stands on a learner's screen.
START_TEST(notices_are_nobodys_business)
{
    int ends[2], errors = dup(STDERR_FILENO);
    struct kit_database *database = table_made();
    kit_expect(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 &&
                   dup2(ends[1], STDERR_FILENO) >= 0,
               "there is a pipe");
    kit_sql(database, "DO $$ BEGIN RAISE WARNING 'pomegranate'; END $$");
    dup2(errors, STDERR_FILENO);
    char byte;
    kit_expect(read(ends[0], &byte, 1) < 0, "the server's warning was printed");
}
END_TEST

START_TEST(the_server_comes_and_goes)
{
    struct kit_database *database = table_made();
    struct kit_program *program = kit_run("SELECT pg_sleep(1000)", "SELECT 1");
    kit_sql(database, "SELECT 1");
    kit_wait_until_idle(program);
    kit_service_do("postgres", "stop");
    kit_expect_stdout(program, kit_text("lost\nlost\n"));
    kit_service_do("postgres", "start");
    kit_expect_rows(database, "the table", "SELECT id FROM t", "7");
    kit_service_do("postgres", "crash");
    kit_service_do("postgres", "start");
    kit_expect_rows(database, "the table", "SELECT id FROM t", "7");
    kit_service_do("postgres", "stall");
    struct kit_program *other = kit_run("SELECT 1");
    kit_wait_until_idle(other);
    kit_service_do("postgres", "resume");
    kit_expect_stdout(other, kit_text("1\n"));
}
END_TEST

START_TEST(connections_are_counted)
{
    const char *words[21] = {NULL};
    for (int i = 0; i < 20; i++)
        words[i] = "new";
    kit_expect_stdout(kit_run_arguments(words), kit_text("too many connections\n"));
}
END_TEST

// The server lives on, and goes on when there is room again.
START_TEST(a_full_disk_is_an_error)
{
    struct kit_program *program =
        kit_run("CREATE TABLE big (v text)", "ALTER TABLE big ALTER v SET STORAGE external",
                "INSERT INTO big SELECT repeat('x', 1000000) FROM generate_series(1, 200)",
                "SELECT 2", "DROP TABLE big", "CREATE TABLE u AS SELECT 1", "SELECT 3");
    kit_expect_stdout(program, kit_text("ok\nok\n53100\n2\nok\nok\n3\n"));
    kit_expect_rows(kit_postgres(), "the table", "SELECT * FROM u", "1");
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("rows", rows_are_compared, .services = "postgres");
    KIT_CHECK("rows", an_error_of_syntax_breaks, .services = "postgres");
    KIT_CHECK("rows", the_role_has_no_power, .services = "postgres");
    KIT_CHECK("rows", a_lock_is_waited_for, .services = "postgres");
    KIT_CHECK("rows", a_condition_is_waited_for, .services = "postgres");
    KIT_CHECK("rows", notices_are_nobodys_business, .services = "postgres");
    KIT_CHECK("server", the_server_comes_and_goes, .services = "postgres");
    KIT_CHECK("server", connections_are_counted, .services = "postgres");
    KIT_CHECK("server", a_full_disk_is_an_error, .services = "postgres");
}
