// SPDX-License-Identifier: MIT
/*
 * Checks that name the bytes of a request on which they hang, against the program net, which sends
 * what the path of a request says. What becomes of each, tests/kit/suspect.c says.
 */
#include "kit.h"

#include <string.h>

// The path that makes net answer with the bytes and do `word`.
static const char *path_for(const char *word, const char *bytes)
{
    const char *path = kit_format("/%s/", word);
    for (const char *c = bytes; *c != '\0'; c++)
        path = kit_format("%s%02x", path, (unsigned)(unsigned char)*c);
    return path;
}

static const char *answer_of(const char *body)
{
    return path_for(
        "hold", kit_format("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body));
}

static struct kit_reply *ask(struct kit_program *server, const char *fields, const char *body)
{
    return kit_request(server, "GET", answer_of(body), fields, (struct kit_bytes){NULL, 0});
}

// ---------------------------------------------------------------- what an author says

START_TEST(named_before_the_request)
{
    kit_suspect("X-Fruit", " ", "the blank before the colon");
    kit_expect_status(ask(kit_serve(), "X-Tree : oak\r\nX-Fruit : fig\r\n", "mango"), 400);
}
END_TEST

START_TEST(named_behind_the_request)
{
    struct kit_reply *reply = ask(kit_serve(), "Host: fig\r\nHost: plum\r\n", "mango");
    kit_suspect("fig\r\n", "Host", "one Host more");
    kit_expect_status(reply, 400);
}
END_TEST

START_TEST(named_on_a_connection)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *first = kit_connect(server);
    kit_send(first, "%s", kit_head(server, "GET", answer_of("mango"), ""));
    kit_connect(server);
    kit_suspect_at(first, 2, 3, "three bytes");
    kit_expect_status(kit_read_reply(first), 400);
}
END_TEST

START_TEST(named_in_what_is_sent_next)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "GET / HTTP/1.1\r\nHost: a\r\nX-");
    kit_suspect_next(client, "", "Host", "the second Host");
    kit_send(client, "Fruit: fig\r\nHost: b\r\n\r\n");
    kit_expect_status(kit_read_reply(client), 999);
}
END_TEST

START_TEST(named_past_the_end)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    const char *head = kit_head(server, "GET", answer_of("mango"), "");
    kit_send(client, "%s", head);
    kit_suspect_at(client, strlen(head) - 2, 1000, "the empty line");
    kit_expect_status(kit_read_reply(client), 400);
}
END_TEST

START_TEST(the_failing_connection_comes_first)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *first = kit_connect(server);
    struct kit_connection *second = kit_connect(server);
    kit_send(first, "%s", kit_head(server, "GET", answer_of("mango"), ""));
    kit_send(second, "%s", kit_head(server, "GET", answer_of("mango"), ""));
    kit_suspect("", "GET", "the method");
    kit_expect_status(kit_read_reply(first), 400);
}
END_TEST

START_TEST(an_earlier_connection_is_looked_at)
{
    struct kit_program *server = kit_serve();
    kit_suspect("", "X-Fruit", "the field");
    ask(server, "X-Fruit: fig\r\n", "mango");
    kit_expect_status(ask(server, "", "mango"), 400);
}
END_TEST

START_TEST(a_hang_has_them_too)
{
    kit_suspect("GET ", "/hold/", "the path");
    kit_get(kit_serve(), "/hold/");
}
END_TEST

START_TEST(a_crash_has_them_too)
{
    kit_suspect("GET ", "/crash/", "the path");
    kit_get(kit_serve(), "/crash/");
}
END_TEST

// ---------------------------------------------------------------- what the kit sees

START_TEST(a_byte_that_did_not_come_back)
{
    kit_expect_body(ask(kit_serve(), "X-A: fig and plum\r\n", "fig"), kit_text("fig and plum"));
}
END_TEST

START_TEST(a_byte_that_came_back_too)
{
    kit_expect_body(ask(kit_serve(), "X-A: mango;5\r\n", "mango;5"), kit_text("mango"));
}
END_TEST

START_TEST(a_byte_that_is_not_in_the_file)
{
    struct kit_bytes content = kit_random_bytes(3000);
    kit_request(kit_serve(), "POST", "/count", "", content);
    kit_write_file("fig", kit_part(content, 0, 1234));
    kit_expect_file("fig", content);
}
END_TEST

START_TEST(a_byte_of_a_chunk)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "%s", kit_head(server, "POST", answer_of("mango"), ""));
    kit_send(client, "5\r\nabcde\r\n10\r\nfghijklmnopqrstu\r\n0\r\n\r\n");
    kit_write_file("fig", kit_text("abcdefgh"));
    kit_expect_file("fig", kit_text("abcdefghijklmnopqrstu"));
}
END_TEST

// A client that has sent a text whose answer is "GET /h", as the text itself begins.
static struct kit_connection *half_echo(struct kit_program *server, const char **text)
{
    struct kit_connection *client = kit_connect(server);
    *text = kit_head(server, "GET", path_for("hold", "GET /h"), "");
    kit_send(client, "%s", *text);
    return client;
}

START_TEST(a_byte_that_is_not_echoed)
{
    const char *text;
    struct kit_connection *client = half_echo(kit_serve(), &text);
    kit_expect_bytes(client, kit_text(text));
}
END_TEST

START_TEST(an_author_knows_better)
{
    struct kit_reply *reply = ask(kit_serve(), "X-A: fig and plum\r\n", "fig");
    kit_suspect("X-", "A", "the name");
    kit_expect_body(reply, kit_text("fig and plum"));
}
END_TEST

// ---------------------------------------------------------------- none

START_TEST(nothing_failed)
{
    kit_suspect("", "GET", "the method");
    kit_expect_status(ask(kit_serve(), "", "mango"), 200);
}
END_TEST

START_TEST(not_sent)
{
    kit_suspect("", "BREW", "the method");
    kit_expect_status(ask(kit_serve(), "", "mango"), 400);
}
END_TEST

START_TEST(not_sent_so_far)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    kit_suspect_at(client, 100000, 1, "the first byte too many");
    kit_send(client, "%s", kit_head(server, "GET", answer_of("mango"), ""));
    kit_expect_status(kit_read_reply(client), 400);
}
END_TEST

START_TEST(taken_back)
{
    kit_suspect("", "GET", "the method");
    struct kit_reply *reply = ask(kit_serve(), "", "mango");
    kit_suspect("", NULL, NULL);
    kit_expect_status(reply, 400);
}
END_TEST

START_TEST(the_answer_alone_is_wrong)
{
    kit_suspect("", "GET", "the method");
    kit_get(kit_serve(), "%s", path_for("close", "hello"));
}
END_TEST

START_TEST(all_came_back)
{
    const char *text;
    struct kit_connection *client = half_echo(kit_serve(), &text);
    kit_expect_bytes(client, kit_text("GET /h"));
    kit_expect_closed(client);
}
END_TEST

START_TEST(an_end_is_another)
{
    struct kit_program *server = kit_serve();
    kit_terminate(server);
    kit_expect_exit(server, 0);
}
END_TEST

START_TEST(no_words)
{
    kit_suspect("", "", "nothing");
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("named", named_before_the_request);
    KIT_CHECK("named", named_behind_the_request);
    KIT_CHECK("named", named_on_a_connection);
    KIT_CHECK("named", named_in_what_is_sent_next);
    KIT_CHECK("named", named_past_the_end);
    KIT_CHECK("named", the_failing_connection_comes_first);
    KIT_CHECK("named", an_earlier_connection_is_looked_at);
    KIT_CHECK("named", a_hang_has_them_too);
    KIT_CHECK("named", a_crash_has_them_too);
    KIT_CHECK("seen", a_byte_that_did_not_come_back);
    KIT_CHECK("seen", a_byte_that_came_back_too);
    KIT_CHECK("seen", a_byte_that_is_not_in_the_file);
    KIT_CHECK("seen", a_byte_of_a_chunk);
    KIT_CHECK("seen", a_byte_that_is_not_echoed);
    KIT_CHECK("seen", an_author_knows_better);
    KIT_CHECK("none", nothing_failed);
    KIT_CHECK("none", not_sent);
    KIT_CHECK("none", not_sent_so_far);
    KIT_CHECK("none", taken_back);
    KIT_CHECK("none", the_answer_alone_is_wrong);
    KIT_CHECK("none", all_came_back);
    KIT_CHECK("none", an_end_is_another);
    KIT_CHECK("none", no_words);
}
