// SPDX-License-Identifier: MIT
/*
 * Checks of what text protocols and caches need, against the program text: lines, time that passes,
 * load, libmemcached. What becomes of each, kit/text.c says.
 */
#include <stdlib.h>
#include <string.h>

#include "kit.h"

// ---------------------------------------------------------------- lines

START_TEST(is_expected)
{
    struct kit_connection *client = kit_connect(kit_serve());
    const char *word = kit_word();
    kit_send(client, "say %s\r\n", word);
    kit_expect_line(client, "%s", word);
    kit_because("it was said");
    kit_send(client, "say %s %s\r\n", word, kit_word());
    kit_expect_line_begins(client, "%s ", word);
    kit_send(client, "say a\r\nsay b\r\n");
    kit_expect_equal("the line", kit_receive_line(client), kit_text("a\r\n"));
    kit_expect_line(client, "b");
}
END_TEST

START_TEST(is_received)
{
    struct kit_connection *client = kit_connect(kit_serve());
    kit_send(client, "say mango\r\n");
    kit_receive_line(client);
}
END_TEST

START_TEST(is_another)
{
    struct kit_connection *client = kit_connect(kit_serve());
    kit_send(client, "say mango\r\n");
    kit_expect_line(client, "fig");
    kit_because("figs are better");
}
END_TEST

START_TEST(begins_otherwise)
{
    struct kit_connection *client = kit_connect(kit_serve());
    kit_send(client, "say mango\r\n");
    kit_expect_line_begins(client, "fig");
    kit_because("figs are better");
}
END_TEST

// ---------------------------------------------------------------- time that passes

// Longer than a program may sleep with nothing to wake it, when the check waits for its answer.
START_TEST(passes)
{
    struct kit_connection *client = kit_connect(kit_serve());
    double since = kit_seconds();
    kit_let_pass(0.4);
    kit_expect(kit_seconds() - since >= 0.4, "no time has passed");
    kit_send(client, "say mango\r\n");
    kit_expect_line(client, "mango");
}
END_TEST

START_TEST(ends_with_the_program)
{
    struct kit_connection *client = kit_connect(kit_serve());
    kit_send(client, "bye\r\n");
    kit_let_pass(2.5);
}
END_TEST

START_TEST(is_too_long)
{
    kit_serve();
    kit_let_pass(60);
}
END_TEST

// ---------------------------------------------------------------- load

static const struct kit_exchange *exchange(void)
{
    static struct kit_exchange one;
    one.request = kit_text("get mango\r\n");
    one.answer = kit_text("VALUE mango 7 3\r\nred\r\nEND\r\n");
    return &one;
}

START_TEST(is_answered)
{
    struct kit_program *server = kit_serve();
    struct kit_load load = {
        .program = server, .connections = 8, .requests = 3000, .exchanges = exchange(), .count = 1};
    double before = kit_program_cpu(server);
    double used = kit_load(&load);
    kit_expect(used > 0, "3000 answers cost no time");
    kit_expect(kit_program_cpu(server) - before >= used, "the load costs more than all");
    // As much work as that, before the whole is done.
    load.requests = 1000000;
    load.most_cpu = used / 2;
    used = kit_load(&load);
    kit_expect(used >= load.most_cpu, "the load ends too early");
}
END_TEST

START_TEST(is_compared)
{
    struct kit_program *server = kit_serve();
    static struct kit_exchange set;
    set.request = kit_text("set mango 7 0 3\r\nred\r\n");
    set.answer = kit_text("STORED\r\n");
    struct kit_load load = {.service = "memcached",
                            .port = atoi(kit_service("MEMCACHED_PORT")),
                            .connections = 1,
                            .requests = 1,
                            .exchanges = &set,
                            .count = 1};
    kit_load(&load);
    load.connections = 4;
    load.requests = 2000;
    load.exchanges = exchange();
    double theirs = kit_load(&load);
    kit_expect(theirs > 0, "memcached costs no time");
    load.service = NULL;
    load.program = server;
    double own = kit_load(&load);
    kit_expect(own < 4 * theirs, "the program burns time");
}
END_TEST

// Eight connections, one request on its way: what one stores, the next one gets.
START_TEST(is_taken_in_turn)
{
    enum { VALUES = 500 };
    static struct kit_exchange exchanges[2 * VALUES];
    for (size_t i = 0; i < VALUES; i++) {
        exchanges[2 * i] = (struct kit_exchange){
            kit_text(kit_format("set mango 0 0 3\r\n%03zu\r\n", i)), kit_text("STORED\r\n")};
        exchanges[2 * i + 1] =
            (struct kit_exchange){kit_text("get mango\r\n"),
                                  kit_text(kit_format("VALUE mango 0 3\r\n%03zu\r\nEND\r\n", i))};
    }
    kit_serve();
    kit_load(&(struct kit_load){.service = "memcached",
                                .port = atoi(kit_service("MEMCACHED_PORT")),
                                .connections = 8,
                                .at_once = 1,
                                .requests = 4 * VALUES,
                                .exchanges = exchanges,
                                .count = 2 * VALUES});
}
END_TEST

START_TEST(is_left_by_the_program)
{
    static struct kit_exchange bye;
    bye.request = kit_text("bye\r\n");
    bye.answer = kit_text("never\r\n");
    kit_load(&(struct kit_load){
        .program = kit_serve(), .connections = 1, .requests = 1, .exchanges = &bye, .count = 1});
}
END_TEST

START_TEST(is_not_answered)
{
    static struct kit_exchange half;
    half.request = kit_text("get mango\r\n");
    half.answer = kit_text("VALUE mango 7 3\r\nred\r\nEND\r\nand more");
    kit_load(&(struct kit_load){
        .program = kit_serve(), .connections = 2, .requests = 100, .exchanges = &half, .count = 1});
}
END_TEST

// ---------------------------------------------------------------- libmemcached

START_TEST(is_a_client)
{
    struct kit_program *server = kit_serve();
    const struct kit_memcached_call calls[] = {
        {KIT_MEMCACHED_SET, .key = "mango", .value = kit_text("blue")},
        {KIT_MEMCACHED_GET, .key = "mango"},
        {KIT_MEMCACHED_DELETE, .key = "mango"},
        {KIT_MEMCACHED_INCREMENT, .key = "mango", .number = 1},
    };
    struct kit_memcached_answer *answers = kit_memcached(server, calls, 4);
    static const char *const results[] = {"SUCCESS", "SUCCESS", "NOT FOUND", "NOT FOUND"};
    for (size_t i = 0; i < 4; i++)
        kit_expect(strcmp(answers[i].result, results[i]) == 0, "call %zu: %s", i,
                   answers[i].result);
    kit_expect_equal("the value", answers[1].value, kit_text("red"));
    kit_expect(answers[1].flags == 7 && answers[1].number == 42, "other flags, another unique");
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("line", is_expected);
    KIT_CHECK("line", is_received);
    KIT_CHECK("line", is_another);
    KIT_CHECK("line", begins_otherwise);
    KIT_CHECK("time", passes);
    KIT_CHECK("time", ends_with_the_program);
    KIT_CHECK("time", is_too_long);
    KIT_CHECK("load", is_answered);
    KIT_CHECK("load", is_compared, .services = "memcached");
    KIT_CHECK("load", is_taken_in_turn, .services = "memcached");
    KIT_CHECK("load", is_left_by_the_program);
    KIT_CHECK("load", is_not_answered);
    KIT_CHECK("libmemcached", is_a_client);
}
