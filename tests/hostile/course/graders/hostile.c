// SPDX-License-Identifier: MIT
// The grader that hostile programs meet: with and without sanitizers, and a check that asks the
// program to end.
#include "kit.h"

#include <signal.h>
#include <sys/wait.h>

#ifndef HOSTILE_SERVICES // the lab of the group `database` has one
#define HOSTILE_SERVICES NULL
#endif

static void greet(struct kit_program *program)
{
    struct kit_connection *client = kit_connect(program);
    const char *name = kit_random_letters(64);
    kit_send(client, "%s\n", name);
    kit_expect_bytes(client, kit_text(kit_format("hello %s\n", name)));
    kit_because("the lesson: a client that sends a name gets hello and the name");
    kit_close(client);
}

START_TEST(greets_by_name)
{
    greet(kit_serve());
    if (kit_file_exists("note"))
        kit_expect_file("note", kit_text("a note\n"));
}
END_TEST

START_TEST(greets_twice)
{
    struct kit_program *program = kit_serve();
    greet(program);
    greet(program);
}
END_TEST

START_TEST(ends_when_told)
{
    struct kit_program *program = kit_serve();
    kit_terminate(program);
    int status = kit_wait_for_exit(program);
    kit_expect(WIFSIGNALED(status) ? WTERMSIG(status) == SIGTERM : WEXITSTATUS(status) == 0,
               "SIGTERM ends it in another way, with raw status %d", status);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("greet", greets_by_name, .build = KIT_PLAIN, .services = HOSTILE_SERVICES);
    KIT_CHECK("again", greets_twice, .services = HOSTILE_SERVICES);
    KIT_CHECK("quit", ends_when_told, .build = KIT_PLAIN, .services = HOSTILE_SERVICES);
}
