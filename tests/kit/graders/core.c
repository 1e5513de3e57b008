// SPDX-License-Identifier: MIT
/*
 * A grader whose checks do what the tests of the kit's core ask of it: pass, fail, crash, hang,
 * end in odd ways. What becomes of each, kit_core.c says.
 */
#include "kit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---------------------------------------------------------------- the program's life

START_TEST(serves)
{
    kit_serve();
}
END_TEST

START_TEST(connects)
{
    kit_connect(kit_serve());
}
END_TEST

// Waits for an answer that only some programs give.
START_TEST(answers)
{
    struct kit_connection *connection = kit_connect(kit_serve());
    kit_send(connection, "ping\n");
    kit_expect_bytes(connection, kit_text("pong\n"));
}
END_TEST

START_TEST(answers_many)
{
    struct kit_program *program = kit_serve();
    for (int i = 0; i < 50; i++) {
        struct kit_connection *connection = kit_connect(program);
        kit_send(connection, "ping\n");
        kit_expect_bytes(connection, kit_text("pong\n"));
        kit_close(connection);
    }
}
END_TEST

// Sends much to a program that may never read it.
START_TEST(is_read)
{
    struct kit_connection *connection = kit_connect(kit_serve());
    kit_send_bytes(connection, kit_random_bytes(16 << 20));
    kit_wait_until_read(connection);
}
END_TEST

START_TEST(is_read_in_pieces)
{
    struct kit_connection *connection = kit_connect(kit_serve());
    kit_send_in_pieces(connection, kit_random_text(300), 1);
    kit_wait_until_read(connection);
}
END_TEST

START_TEST(ends_when_told)
{
    struct kit_program *program = kit_serve();
    kit_terminate(program);
    int status = kit_wait_for_exit(program);
    kit_expect(status == 0, "raw status is %d, expected 0", status);
}
END_TEST

START_TEST(ends_somehow_when_told)
{
    struct kit_program *program = kit_serve();
    kit_terminate(program);
    kit_wait_for_exit(program);
}
END_TEST

START_TEST(serves_twice)
{
    struct kit_program *program = kit_serve();
    kit_terminate(program);
    kit_wait_for_exit(program);
    kit_connect(kit_serve());
}
END_TEST

START_TEST(runs_on)
{
    struct kit_program *program = kit_serve();
    kit_close(kit_connect(program));
    kit_expect_running(program);
}
END_TEST

START_TEST(environment_arrives)
{
    kit_environment("KIT_TEST", "one two");
    struct kit_program *program = kit_serve();
    kit_expect(strstr(kit_program_stderr(program), "KIT_TEST=one two\n") != NULL,
               "KIT_TEST is not in the environment");
    kit_expect(strstr(kit_program_stderr(program), "HOST_SECRET") == NULL,
               "a variable of the host's is in the environment");
}
END_TEST

// ---------------------------------------------------------------- the check's own ends

START_TEST(fails_by_expectation)
{
    kit_note("a remark");
    kit_expect(1 == 2, "one is %d", 2);
    kit_because("numbers differ");
    kit_because("said twice");
    kit_note("behind it");
}
END_TEST

START_TEST(fails_and_goes_on)
{
    kit_expect(1 == 2, "the first");
    kit_expect(1 == 3, "the second");
    *(volatile int *)0 = 1; // never reached
}
END_TEST

START_TEST(fails_by_libcheck)
{
    ck_assert_msg(false, "libcheck's own");
}
END_TEST

START_TEST(crashes)
{
    kit_serve();
    raise(SIGSEGV);
    *(volatile int *)0 = 1;
}
END_TEST

START_TEST(aborts)
{
    abort();
}
END_TEST

START_TEST(exits)
{
    exit(0);
}
END_TEST

START_TEST(hangs)
{
    kit_note("hangs now");
    for (;;)
        pause();
}
END_TEST

START_TEST(breaks)
{
    kit_environment("A", "1");
    kit_write_file("a/b", kit_text("x"));
}
END_TEST

START_TEST(differs_far_inside)
{
    struct kit_bytes expected = kit_random_bytes(300000);
    unsigned char *copy = malloc(300000);
    memcpy(copy, expected.data, 300000);
    copy[200000] ^= 1;
    struct kit_bytes actual = {copy, 300000};
    kit_expect_equal("the bytes", actual, expected);
}
END_TEST

// ---------------------------------------------------------------- files

START_TEST(file_is_kept)
{
    struct kit_program *program = kit_serve();
    struct kit_connection *connection = kit_connect(program);
    kit_send(connection, "ping\n");
    kit_receive_until_close(connection);
    kit_expect_file("given", kit_text("by the program"));
}
END_TEST

START_TEST(file_has_the_time_that_was_set)
{
    kit_write_file("given", kit_text("content"));
    kit_set_file_time("given", 784111777, 500000000);
    struct kit_program *program = kit_serve();
    kit_expect(strcmp(kit_program_stderr(program), "784111777.500000000\n") == 0, "it is %s",
               kit_program_stderr(program));
    kit_set_file_time("missing", 0, 0);
}
END_TEST

START_TEST(file_is_written)
{
    kit_write_file("given", kit_text("content"));
    kit_write_file("given", kit_text("more"));
    kit_write_outside("outside", kit_text("secret"));
    kit_expect(kit_file_exists("given"), "given is not there");
    kit_expect(!kit_file_exists("outside"), "outside is in FILES_DIR");
    kit_expect_file("given", kit_text("more"));
    kit_expect_file("given", kit_text("mare"));
}
END_TEST

START_TEST(odd_files_are_refused)
{
    kit_serve();
    kit_expect(!kit_file_exists("link"), "a link counts as a file");
    kit_expect(!kit_file_exists("fifo"), "a FIFO counts as a file");
    kit_expect(!kit_file_exists("folder"), "a folder counts as a file");
    kit_expect(!kit_file_exists("missing"), "a missing file exists");
    kit_write_file("link", kit_text("over a link"));
    kit_write_file("fifo", kit_text("over a FIFO"));
    kit_expect_file("link", kit_text("over a link"));
    kit_expect_file("fifo", kit_text("over a FIFO"));
    kit_expect_file("folder", kit_text("a folder"));
}
END_TEST

START_TEST(plain_build_serves)
{
    kit_serve();
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("program", serves);
    KIT_CHECK("program", connects);
    KIT_CHECK("program", answers);
    KIT_CHECK("program", answers_many);
    KIT_CHECK("program", is_read);
    KIT_CHECK("program", is_read_in_pieces);
    KIT_CHECK("program", ends_when_told);
    KIT_CHECK("program", ends_somehow_when_told);
    KIT_CHECK("program", serves_twice);
    KIT_CHECK("program", runs_on);
    KIT_CHECK("program", environment_arrives);
    KIT_CHECK("check", fails_by_expectation);
    KIT_CHECK("check", fails_and_goes_on);
    KIT_CHECK("check", fails_by_libcheck);
    KIT_CHECK("check", crashes);
    KIT_CHECK("check", aborts);
    KIT_CHECK("check", exits);
    KIT_CHECK("check", hangs);
    KIT_CHECK("check", breaks);
    KIT_CHECK("check", differs_far_inside);
    KIT_CHECK("files", file_is_kept);
    KIT_CHECK("files", file_has_the_time_that_was_set);
    KIT_CHECK("files", file_is_written);
    KIT_CHECK("files", odd_files_are_refused);
    KIT_CHECK("plain", plain_build_serves, .build = KIT_PLAIN, .services = "redis postgres");
}
