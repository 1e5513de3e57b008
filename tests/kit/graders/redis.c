// SPDX-License-Identifier: MIT
// A grader of programs with Redis, for the tests of the service and of what the kit can see in it.
#include "kit.h"

#include <stddef.h>
#include <string.h>

static struct kit_program *program;

static struct kit_redis *serve(void)
{
    kit_fixed_input("there is nothing to choose");
    program = kit_serve();
    return kit_redis();
}

static void ask_the_program(void)
{
    struct kit_connection *client = kit_connect(program);
    kit_send(client, "ping\n");
    kit_expect_bytes(client, kit_text("pong\n"));
}

START_TEST(is_as_expected)
{
    struct kit_redis *redis = serve();
    kit_expect_redis_bytes(redis, "the fruit", ((struct kit_bytes){(unsigned char *)"fig\0s", 5}),
                           "GET %s", "fruit");
    kit_expect_redis_between(redis, "its life", 1, 60000, "PTTL fruit");
    kit_expect_redis(redis, "another", NULL, "GET second");
    ask_the_program();
    kit_await_redis(redis, "the second fruit never comes", "kiwi", "GET second");
    kit_wait_until_redis_is_idle(redis, program);
    kit_expect_redis(redis, "all", "2", "DBSIZE");
    const struct kit_redis_reply *reply =
        kit_redis_command(redis, "MGET second none %b", "fruit", (size_t)5);
    kit_expect(reply->count == 3 && reply->members[0]->bytes.length == 4, "four bytes");
    kit_expect(reply->members[1]->kind == KIT_REDIS_NIL, "nil");
}
END_TEST

START_TEST(is_started_anew)
{
    struct kit_redis *redis = serve();
    kit_service_do("redis", "restart");
    kit_expect_redis(redis, "all", "0", "DBSIZE");
    kit_service_do("redis", "stop");
    kit_service_do("redis", "start");
    kit_service_do("redis", "stall");
    kit_service_do("redis", "resume");
    kit_expect_redis(redis, "all", "0", "DBSIZE");
    kit_expect(strstr(kit_service_log("redis"), "ready to accept") != NULL, "the log");
}
END_TEST

START_TEST(other_string)
{
    kit_expect_redis(serve(), "the fruit", "kiwi", "GET fruit");
}
END_TEST

START_TEST(other_bytes)
{
    kit_expect_redis_bytes(serve(), "the fruit", kit_text("figs"), "GET fruit");
}
END_TEST

START_TEST(other_number)
{
    kit_expect_redis_between(serve(), "its life", 1, 100, "PTTL fruit");
}
END_TEST

START_TEST(never_comes)
{
    kit_await_redis(serve(), "the third fruit never comes", "1", "EXISTS third");
}
END_TEST

START_TEST(wrong_command)
{
    kit_redis_command(serve(), "LPUSH fruit 1");
}
END_TEST

START_TEST(is_asked_while_it_is_stopped)
{
    struct kit_redis *redis = serve();
    kit_service_do("redis", "stop");
    kit_redis_command(redis, "PING");
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("redis", is_as_expected, .services = "redis");
    KIT_CHECK("redis", is_started_anew, .services = "redis");
    KIT_CHECK("redis", other_string, .services = "redis");
    KIT_CHECK("redis", other_bytes, .services = "redis");
    KIT_CHECK("redis", other_number, .services = "redis");
    KIT_CHECK("redis", never_comes, .services = "redis");
    KIT_CHECK("redis", wrong_command, .services = "redis");
    KIT_CHECK("redis", is_asked_while_it_is_stopped, .services = "redis");
}
