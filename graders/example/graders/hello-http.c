// SPDX-License-Identifier: MIT
// The grader of hello-http.
#include "kit.h"

static void expect_greeting(struct kit_reply *reply, const char *name)
{
    kit_expect_status(reply, 200);
    kit_because("the lesson: the path names somebody, and the answer is a success");
    kit_expect_body(reply, kit_text(kit_format("Hello, %s!\n", name)));
    kit_because("the lesson: the body is `Hello, NAME!` and a line feed");
}

START_TEST(greeting_names_the_visitor)
{
    struct kit_program *server = kit_serve();
    const char *name = kit_word();
    expect_greeting(kit_get(server, "/hello/%s", name), name);
}
END_TEST

START_TEST(split_request_is_read_whole)
{
    struct kit_program *server = kit_serve();
    const char *name = kit_word();
    const char *request = kit_head(server, "GET", kit_format("/hello/%s", name), "");
    struct kit_connection *client = kit_connect(server);
    kit_send_in_pieces(client, kit_text(request), kit_number(1, 9));
    expect_greeting(kit_read_reply(client), name);
}
END_TEST

START_TEST(other_paths_are_404)
{
    struct kit_program *server = kit_serve();
    kit_expect_status(kit_get(server, "/%s", kit_word()), 404);
    kit_because("RFC 9110 15.5.5: the server has nothing at that path");
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("hello", greeting_names_the_visitor);
    KIT_CHECK("hello", split_request_is_read_whole);
    KIT_CHECK("not-found", other_paths_are_404);
}
