// SPDX-License-Identifier: MIT
// The grader of the tests' lab hello: small, so that an attempt takes a fraction of a second.
#include "kit.h"

#include <signal.h>
#include <sys/wait.h>

START_TEST(accepts_a_connection)
{
    kit_connect(kit_serve());
}
END_TEST

static void greet(struct kit_program *program)
{
    struct kit_connection *client = kit_connect(program);
    const char *name = kit_word();
    kit_send(client, "%s\n", name);
    kit_expect_bytes(client, kit_text(kit_format("hello %s\n", name)));
    kit_because("the lesson: a client that sends a name gets hello and the name");
}

START_TEST(greets_by_name)
{
    greet(kit_serve());
}
END_TEST

START_TEST(greets_a_second_client)
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
    KIT_CHECK("listen", accepts_a_connection);
    KIT_CHECK("greet", greets_by_name);
    KIT_CHECK("greet", greets_a_second_client, .build = KIT_PLAIN);
    KIT_CHECK("quit", ends_when_told);
}
