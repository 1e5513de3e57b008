// SPDX-License-Identifier: MIT
// The grader of @ID@.
#include "kit.h"

static void expect_greeting(struct kit_connection *client, const char *name)
{
    kit_expect_bytes(client, kit_text(kit_format("hello %s\n", name)));
    kit_because("the lesson: the answer is `hello`, a blank, the name and a line feed");
}

START_TEST(greets_by_name)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    const char *name = kit_word();
    kit_send(client, "%s\n", name);
    expect_greeting(client, name);
}
END_TEST

START_TEST(name_in_pieces_is_read_whole)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    const char *name = kit_word();
    kit_send_in_pieces(client, kit_text(kit_format("%s\n", name)), kit_number(1, 4));
    expect_greeting(client, name);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("greet", greets_by_name);
    KIT_CHECK("pieces", name_in_pieces_is_read_whole);
}
