// SPDX-License-Identifier: MIT
/*
 * The grader of cache-aside. It reads like the lesson: one section a step, one START_TEST a check.
 * Three things are looked at: what the client gets, what the origin was asked, and what Redis
 * holds. No check waits for a time to pass: an entry is made old by the check itself, which
 * shortens its life in Redis.
 */
#include <stdlib.h>
#include <string.h>

#include "kit.h"

enum {
    CROWD = 100,
    TTL = 600000, // so long that no machine is too slow for them
    REVALIDATE = 400000,
    IF_ERROR = 200000,
    CONNECTIONS_MOST = 16,
    TRIES = 20,
};

// ---------------------------------------------------------------- what several steps share

static struct kit_origin *origin;
static struct kit_redis *redis;
static struct kit_program *server;
static const char *target, *key; // of the page that the check asks for

static void set(const char *name, long value)
{
    kit_environment(name, kit_format("%ld", value));
}

static const char *key_of(const char *of)
{
    return kit_format("cache:%s", of);
}

// An origin without a script yet, Redis, and a target.
static void prepare(void)
{
    origin = kit_origin();
    redis = kit_redis();
    target = kit_format("/%s/%s", kit_word(), kit_word());
    key = key_of(target);
    kit_environment("ORIGIN_URL", kit_format("http://%s", kit_origin_host(origin)));
}

static void serve(void)
{
    server = kit_serve();
}

// An answer of the origin: a status line's end ("200 OK"), fields with their \r\n, a body.
static struct kit_bytes answer(const char *status, const char *fields, struct kit_bytes body)
{
    const char *head =
        kit_format("HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, fields, body.length);
    return kit_join(kit_text(head), body);
}

static const char text_plain[] = "Content-Type: text/plain\r\n";

static struct kit_bytes page(const char *text)
{
    return answer("200 OK", text_plain, kit_text(text));
}

// The origin answers every request like this.
static void always(struct kit_bytes bytes)
{
    kit_answer_bytes(origin, bytes);
    kit_again(origin);
}

// The origin answers the next request like this, once the check says so.
static void on_the_word(struct kit_bytes bytes)
{
    kit_on_request(origin);
    kit_then_pause(origin);
    kit_then_send_bytes(origin, bytes);
}

// The entry of a page, as the lesson has it.
static struct kit_bytes entry(const char *status, const char *fields, struct kit_bytes body)
{
    return kit_join(kit_text(kit_format("%s\n%s\n", status, fields)), body);
}

static struct kit_bytes text_entry(const char *text)
{
    return entry("200", "Content-Type: text/plain\n", kit_text(text));
}

static void put_entry(struct kit_bytes bytes, long life)
{
    kit_redis_command(redis, "SET %s %b PX %s", key, bytes.data, bytes.length,
                      kit_format("%ld", life));
}

static struct kit_reply *get(void)
{
    return kit_get(server, "%s", target);
}

static void expect_page(struct kit_reply *reply, const char *text, const char *because)
{
    kit_expect_status(reply, 200);
    kit_because(because);
    kit_expect_body(reply, kit_text(text));
    kit_because(because);
}

static void expect_asked(size_t count, const char *because)
{
    kit_expect_request_count(origin, count);
    kit_because(because);
}

static void expect_stored(const char *what, const char *because)
{
    kit_expect_redis(redis, what, "1", "EXISTS %s", key);
    kit_because(because);
}

static void expect_not_stored(const char *what, const char *because)
{
    kit_expect_redis(redis, what, "0", "EXISTS %s", key);
    kit_because(because);
}

// ---------------------------------------------------------------- miss

START_TEST(page_of_the_origin_comes_back)
{
    static const char because[] = "the lesson, miss: what the origin answers is the answer";
    prepare();
    const char *text = kit_word();
    always(answer("200 OK", "Content-Type: text/x-fruit\r\n", kit_text(text)));
    serve();
    struct kit_reply *reply = get();
    expect_page(reply, text, because);
    kit_expect_field(reply, "Content-Type", "text/x-fruit");
    kit_because(because);
}
END_TEST

START_TEST(origin_is_asked_for_the_whole_target)
{
    prepare();
    always(page(kit_word()));
    target = kit_format("%s?%s=%s&more", target, kit_word(), kit_word());
    serve();
    kit_expect_status(get(), 200);
    struct kit_request_read *request = kit_read_request(origin);
    kit_expect_method(request, "GET");
    kit_expect_target(request, "%s", target);
    kit_because("RFC 3986 3.4: the query is a part of what names the page");
    expect_asked(1, "the lesson, miss: one request of a client is one request to the origin");
}
END_TEST

START_TEST(other_statuses_come_back)
{
    static const char *const statuses[] = {"301 Moved Permanently", "403 Forbidden",
                                           "404 Not Found", "500 Internal Server Error"};
    prepare();
    serve();
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        const char *text = kit_word();
        kit_answer_bytes(origin, answer(statuses[i], "Location: /elsewhere\r\n", kit_text(text)));
        struct kit_reply *reply = kit_get(server, "/%s", kit_word());
        kit_expect_status(reply, atoi(statuses[i]));
        kit_because("the lesson, miss: whatever the origin says is passed on, its status too");
        kit_expect_body(reply, kit_text(text));
    }
}
END_TEST

// ---------------------------------------------------------------- hit

// What a person types to see a miss and a hit.
static void see_twice(void)
{
    kit_reproduce("curl -i http://127.0.0.1:8080%s; curl -i http://127.0.0.1:8080%s", target,
                  target);
}

START_TEST(second_request_is_not_fetched)
{
    static const char because[] = "the lesson, hit: what is in Redis is not asked for again";
    prepare();
    const char *text = kit_word();
    always(page(text));
    serve();
    see_twice();
    expect_page(get(), text, because);
    expect_page(get(), text, because);
    expect_asked(1, because);
}
END_TEST

START_TEST(page_is_stored_as_agreed)
{
    prepare();
    const char *text = kit_word();
    always(page(text));
    serve();
    kit_expect_status(get(), 200);
    kit_expect_redis_bytes(redis, "the entry", text_entry(text), "GET %s", key);
    kit_because("the lesson, hit: the key is cache: and the target; the entry is the status, a "
                "line for each field, an empty line, the body");
}
END_TEST

START_TEST(what_redis_holds_is_the_answer)
{
    static const char because[] = "the lesson, hit: another process may have stored the page";
    prepare();
    const char *text = kit_word();
    always(page("the origin was asked"));
    serve();
    put_entry(text_entry(text), TTL);
    struct kit_reply *reply = get();
    expect_page(reply, text, because);
    kit_expect_field(reply, "Content-Type", "text/plain");
    kit_because(because);
    expect_asked(0, because);
}
END_TEST

START_TEST(query_is_a_part_of_the_key)
{
    static const char because[] = "RFC 3986 3.4: another query names another page";
    prepare();
    const char *first = kit_word(), *second = kit_word();
    kit_answer_bytes(origin, page(first));
    kit_answer_bytes(origin, page(second));
    serve();
    expect_page(kit_get(server, "%s?page=1", target), first, because);
    expect_page(kit_get(server, "%s?page=2", target), second, because);
}
END_TEST

// ---------------------------------------------------------------- ttl

START_TEST(entry_lives_for_its_time)
{
    prepare();
    set("CACHE_TTL_MS", TTL);
    always(page(kit_word()));
    serve();
    kit_expect_status(get(), 200);
    kit_expect_redis_between(redis, "the life of the entry, in milliseconds", TTL / 10, TTL,
                             "PTTL %s", key);
    kit_because("the lesson, ttl: an entry lives for $CACHE_TTL_MS milliseconds");
}
END_TEST

START_TEST(hit_does_not_prolong_it)
{
    static const char because[] =
        "the lesson, ttl: a page that is asked for often would never be fetched again";
    prepare();
    set("CACHE_TTL_MS", TTL);
    const char *text = kit_word();
    always(page(kit_word()));
    serve();
    put_entry(text_entry(text), TTL / 2);
    expect_page(get(), text, because);
    kit_expect_redis_between(redis, "the life of the entry, in milliseconds", 1, TTL / 2, "PTTL %s",
                             key);
    kit_because(because);
}
END_TEST

START_TEST(page_that_has_gone_is_fetched_again)
{
    static const char because[] = "the lesson, ttl: Redis alone knows what is still there";
    prepare();
    const char *old = kit_word(), *new = kit_word();
    kit_answer_bytes(origin, page(old));
    kit_answer_bytes(origin, page(new));
    serve();
    expect_page(get(), old, because);
    kit_redis_command(redis, "DEL %s", key); // as at the end of its life
    expect_page(get(), new, because);
    expect_stored("the entry", because);
}
END_TEST

START_TEST(forbidden_pages_are_not_stored)
{
    static const char because[] =
        "RFC 9111 5.2.2: no-store and private forbid a shared cache to keep the page";
    static const char *const values[] = {"no-store", "max-age=60, no-store", "Private"};
    prepare();
    serve();
    for (size_t i = 0; i < 3; i++) {
        target = kit_format("/%s", kit_word());
        key = key_of(target);
        const char *fields = kit_format("%sCache-Control: %s\r\n", text_plain, values[i]);
        const char *text = kit_word();
        kit_answer_bytes(origin, answer("200 OK", fields, kit_text(text)));
        expect_page(get(), text, because);
        expect_not_stored(kit_format("a page with Cache-Control: %s", values[i]), because);
    }
}
END_TEST

// ---------------------------------------------------------------- invalidate

START_TEST(write_reaches_the_origin)
{
    static const char because[] = "the lesson, invalidate: a write goes to the origin as it came";
    prepare();
    const char *text = kit_word();
    struct kit_bytes sent = kit_random_bytes(300);
    always(answer("201 Created", text_plain, kit_text(text)));
    serve();
    struct kit_reply *reply =
        kit_request(server, "PUT", target, "Content-Type: image/png\r\n", sent);
    kit_expect_status(reply, 201);
    kit_because(because);
    kit_expect_body(reply, kit_text(text));
    struct kit_request_read *request = kit_read_request(origin);
    kit_expect_method(request, "PUT");
    kit_because(because);
    kit_expect_target(request, "%s", target);
    kit_expect_request_field(request, "Content-Type", "image/png");
    kit_expect_equal("the body that reached the origin", request->body, sent);
}
END_TEST

START_TEST(page_is_new_after_a_write)
{
    static const char *const methods[] = {"PUT", "POST", "DELETE", "PATCH"};
    static const char because[] =
        "RFC 9111 4.4: a write that went well makes what is stored invalid";
    prepare();
    serve();
    for (size_t i = 0; i < 4; i++) {
        target = kit_format("/%s", kit_word());
        key = key_of(target);
        const char *old = kit_word(), *new = kit_word();
        kit_answer_bytes(origin, page(old));
        kit_answer_bytes(origin, page("done"));
        kit_answer_bytes(origin, page(new));
        expect_page(get(), old, because);
        kit_expect_status(kit_request(server, methods[i], target, "", kit_text("written")), 200);
        expect_not_stored(kit_format("the entry, after a %s", methods[i]), because);
        expect_page(get(), new, because);
    }
}
END_TEST

START_TEST(other_pages_stay)
{
    static const char because[] = "the lesson, invalidate: only what was written has changed";
    prepare();
    always(page("done"));
    serve();
    const char *other = kit_format("%s/%s", target, kit_word());
    kit_redis_command(redis, "SET %s %s", key_of(other), "200\n\nother");
    put_entry(text_entry("old"), TTL);
    kit_expect_status(kit_request(server, "PUT", target, "", kit_text("new")), 200);
    kit_expect_redis(redis, "the entry of another page", "1", "EXISTS %s", key_of(other));
    kit_because(because);
}
END_TEST

START_TEST(refused_write_changes_nothing)
{
    prepare();
    always(answer("403 Forbidden", text_plain, kit_text("no")));
    serve();
    put_entry(text_entry(kit_word()), TTL);
    kit_expect_status(kit_request(server, "PUT", target, "", kit_text("new")), 403);
    expect_stored("the entry, after a write that was refused",
                  "RFC 9111 4.4: only an answer that is no error makes it invalid");
}
END_TEST

START_TEST(entry_goes_after_the_write)
{
    static const char because[] = "the lesson, invalidate: first the write, then the entry. The "
                                  "other way round a reader stores the old page in between";
    prepare();
    const char *old = kit_word();
    kit_for_target(origin, target);
    on_the_word(page("done"));
    serve();
    put_entry(text_entry(old), TTL);
    struct kit_connection *writer = kit_connect(server);
    kit_send(writer, "%s", kit_head(server, "DELETE", target, ""));
    kit_read_request(origin);
    expect_stored("the entry, while the origin writes", because);
    kit_go_on(origin);
    kit_expect_status(kit_read_reply(writer), 200);
    expect_not_stored("the entry, after the write", because);
}
END_TEST

// ---------------------------------------------------------------- negative

START_TEST(not_found_is_not_asked_again)
{
    static const char because[] = "the lesson, negative: that there is no page is worth keeping";
    prepare();
    const char *text = kit_word();
    always(answer("404 Not Found", text_plain, kit_text(text)));
    serve();
    for (int i = 0; i < 2; i++) {
        struct kit_reply *reply = get();
        kit_expect_status(reply, 404);
        kit_because(because);
        kit_expect_body(reply, kit_text(text));
        kit_because(because);
    }
    expect_asked(1, because);
}
END_TEST

START_TEST(not_found_has_its_own_time)
{
    prepare();
    set("CACHE_TTL_MS", 100L * TTL);
    set("NEGATIVE_TTL_MS", TTL);
    always(answer("404 Not Found", text_plain, kit_text(kit_word())));
    serve();
    kit_expect_status(get(), 404);
    kit_expect_redis_between(redis, "the life of the entry of a 404, in milliseconds", TTL / 10,
                             TTL, "PTTL %s", key);
    kit_because("the lesson, negative: a 404 lives for $NEGATIVE_TTL_MS");
}
END_TEST

START_TEST(server_error_is_asked_again)
{
    static const char because[] = "the lesson, negative: an error passes, so the next one asks";
    prepare();
    const char *text = kit_word();
    kit_answer_bytes(origin, answer("500 Internal Server Error", text_plain, kit_text("broken")));
    kit_answer_bytes(origin, page(text));
    serve();
    kit_expect_status(get(), 500);
    expect_not_stored("an error of the origin", because);
    expect_page(get(), text, because);
}
END_TEST

START_TEST(only_200_and_404_are_stored)
{
    static const char *const statuses[] = {"201 Created", "302 Found", "403 Forbidden",
                                           "503 Service Unavailable"};
    static const char because[] = "the lesson, negative: everything but 200 and 404 is passed on";
    prepare();
    serve();
    for (size_t i = 0; i < 4; i++) {
        target = kit_format("/%s", kit_word());
        key = key_of(target);
        kit_answer_bytes(origin, answer(statuses[i], text_plain, kit_text(kit_word())));
        kit_expect_status(get(), atoi(statuses[i]));
        expect_not_stored(kit_format("a page with status %.3s", statuses[i]), because);
    }
}
END_TEST

// ---------------------------------------------------------------- stampede

// So many clients ask at once, and the program has read all of it and come to rest.
static struct kit_connection **crowd(size_t count)
{
    kit_reproduce("for i in $(seq %zu); do curl -s http://127.0.0.1:8080%s & done; wait", count,
                  target);
    struct kit_connection **clients = kit_connect_many(server, count);
    struct kit_bytes request = kit_text(kit_head(server, "GET", target, ""));
    struct kit_bytes *requests = calloc(count, sizeof *requests);
    for (size_t i = 0; i < count; i++)
        requests[i] = request;
    kit_send_together(clients, count, requests);
    free(requests);
    for (size_t i = 0; i < count; i++)
        kit_wait_until_read(clients[i]);
    return clients;
}

static void expect_crowd(struct kit_connection **clients, size_t count, int status,
                         const char *text, const char *because)
{
    struct kit_reply **replies = kit_read_replies(clients, count);
    for (size_t i = 0; i < count; i++) {
        kit_expect_status(replies[i], status);
        kit_because(because);
        kit_expect_body(replies[i], kit_text(text));
        kit_because(because);
    }
}

START_TEST(hundred_at_once_are_one_fetch)
{
    static const char because[] =
        "the lesson, stampede: who finds a fetch under way waits for it, and asks for nothing";
    prepare();
    const char *text = kit_word();
    on_the_word(page(text));
    kit_again(origin);
    serve();
    struct kit_connection **clients = crowd(CROWD);
    kit_wait_until_redis_is_idle(redis, server);
    expect_asked(1, because);
    kit_go_on(origin);
    expect_crowd(clients, CROWD, 200, text, because);
    expect_asked(1, because);
}
END_TEST

START_TEST(failed_fetch_is_shared)
{
    static const char because[] = "the lesson, stampede: an origin in trouble is not asked by each "
                                  "of those who waited";
    prepare();
    const char *text = kit_word();
    on_the_word(answer("503 Service Unavailable", text_plain, kit_text(text)));
    kit_again(origin);
    serve();
    struct kit_connection **clients = crowd(10);
    kit_wait_until_redis_is_idle(redis, server);
    kit_go_on(origin);
    expect_crowd(clients, 10, 503, text, because);
    expect_asked(1, because);
}
END_TEST

START_TEST(other_pages_are_not_held_up)
{
    static const char because[] = "the lesson, stampede: one slow page is no reason for another";
    prepare();
    const char *slow = kit_word(), *quick = kit_word();
    const char *other = kit_format("/%s", kit_word());
    kit_for_target(origin, target);
    on_the_word(page(slow));
    kit_for_target(origin, other);
    kit_answer_bytes(origin, page(quick));
    serve();
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "%s", kit_head(server, "GET", target, ""));
    kit_read_request(origin);
    kit_when_stuck("another page gets no answer while the origin thinks about the first", because);
    expect_page(kit_get(server, "%s", other), quick, because);
    kit_go_on(origin);
    expect_page(kit_read_reply(client), slow, because);
}
END_TEST

START_TEST(fetch_that_is_over_is_forgotten)
{
    static const char because[] = "the lesson, stampede: a fetch is shared while it is under way";
    prepare();
    const char *first = kit_word(), *second = kit_word();
    kit_answer_bytes(origin, page(first));
    kit_answer_bytes(origin, page(second));
    serve();
    expect_page(get(), first, because);
    kit_wait_until_redis_is_idle(redis, server);
    kit_redis_command(redis, "DEL %s", key);
    kit_when_stuck("the second fetch of a page never ends", because);
    expect_page(get(), second, because);
}
END_TEST

START_TEST(write_during_a_fetch_is_not_undone)
{
    static const char because[] = "the lesson, stampede: what was fetched before the write may be "
                                  "the old page, and must not be stored behind it";
    prepare();
    const char *old = kit_word(), *new = kit_word();
    on_the_word(page(old));
    kit_answer_bytes(origin, page("done"));
    kit_answer_bytes(origin, page(new));
    serve();
    struct kit_connection *reader = kit_connect(server);
    kit_send(reader, "%s", kit_head(server, "GET", target, ""));
    kit_read_request(origin);
    kit_expect_status(kit_request(server, "PUT", target, "", kit_text(new)), 200);
    kit_go_on(origin);
    kit_expect_status(kit_read_reply(reader), 200);
    kit_wait_until_redis_is_idle(redis, server);
    expect_not_stored("the page that was fetched before the write", because);
    expect_page(get(), new, because);
}
END_TEST

// ---------------------------------------------------------------- stale-while-revalidate

static void prepare_stale(void)
{
    prepare();
    set("CACHE_TTL_MS", TTL);
    set("STALE_WHILE_REVALIDATE_MS", REVALIDATE);
}

START_TEST(entry_lives_for_its_stale_time_too)
{
    prepare_stale();
    always(page(kit_word()));
    serve();
    kit_expect_status(get(), 200);
    kit_expect_redis_between(redis, "the life of the entry, in milliseconds", TTL + REVALIDATE / 10,
                             TTL + REVALIDATE, "PTTL %s", key);
    kit_because("the lesson, stale-while-revalidate: an entry lives for its fresh and its stale "
                "time together");
}
END_TEST

START_TEST(fresh_page_is_not_refreshed)
{
    static const char because[] =
        "the lesson, stale-while-revalidate: fresh as long as more than the stale time is left";
    prepare_stale();
    const char *text = kit_word();
    always(page(kit_word()));
    serve();
    put_entry(text_entry(text), REVALIDATE + TTL / 2);
    expect_page(get(), text, because);
    kit_wait_until_redis_is_idle(redis, server);
    expect_asked(0, because);
}
END_TEST

START_TEST(not_found_has_no_stale_time)
{
    static const char because[] =
        "the lesson, stale-while-revalidate: a 404 is fresh as long as it is there";
    prepare_stale();
    set("NEGATIVE_TTL_MS", REVALIDATE / 2);
    always(answer("404 Not Found", text_plain, kit_text(kit_word())));
    serve();
    kit_expect_status(get(), 404);
    kit_expect_redis_between(redis, "the life of the entry of a 404, in milliseconds", 1,
                             REVALIDATE / 2, "PTTL %s", key);
    kit_because(because);
    kit_expect_status(get(), 404);
    kit_wait_until_redis_is_idle(redis, server);
    expect_asked(1, because);
}
END_TEST

START_TEST(stale_page_comes_at_once)
{
    static const char because[] =
        "RFC 5861 3: the stale answer is given while the new one is fetched";
    prepare_stale();
    const char *old = kit_word(), *new = kit_word();
    on_the_word(page(new));
    serve();
    put_entry(text_entry(old), REVALIDATE / 2);
    kit_when_stuck("the client waits for the origin, though a stale answer would do", because);
    expect_page(get(), old, because);
    kit_when_stuck("no request to refresh the page comes to the origin", because);
    kit_read_request(origin);
}
END_TEST

START_TEST(stale_page_is_refreshed)
{
    static const char because[] =
        "the lesson, stale-while-revalidate: what is fetched in the background is stored";
    prepare_stale();
    const char *new = kit_word();
    always(page(new));
    serve();
    put_entry(text_entry(kit_word()), REVALIDATE / 2);
    kit_expect_status(get(), 200);
    struct kit_bytes expected = text_entry(new);
    kit_await_redis(redis, "the page that was refreshed never comes into Redis",
                    kit_format("%.*s", (int)expected.length, (const char *)expected.data), "GET %s",
                    key);
    kit_expect_redis_between(redis, "the life of the refreshed entry, in milliseconds",
                             TTL + REVALIDATE / 10, TTL + REVALIDATE, "PTTL %s", key);
    kit_because(because);
    expect_page(get(), new, because);
    expect_asked(1, because);
}
END_TEST

START_TEST(stale_page_is_refreshed_once)
{
    static const char because[] =
        "the lesson, stale-while-revalidate: a refresh is a fetch like any other: one at a time";
    prepare_stale();
    const char *old = kit_word();
    on_the_word(page(kit_word()));
    kit_again(origin);
    serve();
    put_entry(text_entry(old), REVALIDATE / 2);
    for (int i = 0; i < 10; i++) {
        kit_when_stuck("the client waits for the origin, though a stale answer would do", because);
        expect_page(get(), old, because);
    }
    kit_wait_until_redis_is_idle(redis, server);
    expect_asked(1, because);
}
END_TEST

START_TEST(failed_refresh_keeps_the_page)
{
    static const char because[] =
        "the lesson, stale-while-revalidate: an error is no reason to throw the old page away";
    prepare_stale();
    const char *old = kit_word();
    always(answer("500 Internal Server Error", text_plain, kit_text("broken")));
    serve();
    put_entry(text_entry(old), REVALIDATE / 2);
    expect_page(get(), old, because);
    kit_when_stuck("no request to refresh the page comes to the origin", because);
    kit_read_request(origin);
    kit_wait_until_redis_is_idle(redis, server);
    expect_page(get(), old, because);
}
END_TEST

// ---------------------------------------------------------------- serialize

// The page comes twice, from the origin and from Redis, and both times this way.
static void expect_twice(struct kit_bytes body, const char *const *fields, const char *because)
{
    for (int i = 0; i < 2; i++) {
        struct kit_reply *reply = get();
        kit_expect_status(reply, 200);
        kit_because(because);
        for (size_t f = 0; fields[f] != NULL; f += 2) {
            kit_expect_field(reply, fields[f], "%s", fields[f + 1]);
            kit_because(because);
        }
        kit_expect_body(reply, body);
        kit_because(because);
    }
    expect_asked(1, because);
}

START_TEST(every_field_survives)
{
    static const char because[] = "RFC 9111 3.1: a cache stores all fields of the answer";
    prepare();
    const char *tag = kit_format("\"%s\"", kit_word());
    const char *link = kit_format("</%s>; rel=\"next\"", kit_word());
    always(answer("200 OK",
                  kit_format("Content-Type: text/html; charset=utf-8\r\nETag: %s\r\nLink: "
                             "%s\r\nX-Empty:\r\nContent-Language: de\r\n",
                             tag, link),
                  kit_text(kit_word())));
    serve();
    for (int i = 0; i < 2; i++) {
        struct kit_reply *reply = get();
        kit_expect_field(reply, "Content-Type", "text/html; charset=utf-8");
        kit_because(because);
        kit_expect_field(reply, "ETag", "%s", tag);
        kit_because(because);
        kit_expect_field(reply, "Link", "%s", link);
        kit_because(because);
        kit_expect_field(reply, "Content-Language", "de");
        kit_because(because);
    }
    expect_asked(1, because);
}
END_TEST

START_TEST(any_bytes_survive)
{
    static const char *const fields[] = {"Content-Type", "image/png", NULL};
    prepare();
    struct kit_bytes body = kit_join(kit_text("\n\n\r\n\r\n"), kit_random_bytes(300));
    always(answer("200 OK", "Content-Type: image/png\r\n", body));
    serve();
    expect_twice(body, fields,
                 "the lesson, serialize: a body has bytes of any value, NUL and line "
                 "ends too, and its length says where it ends");
}
END_TEST

START_TEST(page_without_body_or_fields_survives)
{
    static const char *const fields[] = {NULL};
    static const char because[] = "the lesson, serialize: fields and body may be empty";
    prepare();
    always(answer("200 OK", kit_format("X-Fruit: %s\r\n", kit_word()), kit_text("")));
    serve();
    expect_twice(kit_text(""), fields, because);
    put_entry(kit_text("200\n\nplain"), TTL);
    expect_page(get(), "plain", because);
}
END_TEST

START_TEST(broken_entry_is_a_miss)
{
    static const char because[] =
        "the lesson, serialize: an entry that cannot be read is as good as none";
    static const char *const entries[] = {"", "fruit", "200", "200\nContent-Type: text/plain\n",
                                          "abc\n\nfruit"};
    static const char *const shown[] = {"", "fruit", "200", "200\\nContent-Type: text/plain\\n",
                                        "abc\\n\\nfruit"};
    prepare();
    const char *text = kit_word();
    always(page(text));
    serve();
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        put_entry(kit_text(entries[i]), TTL);
        expect_page(get(), text, kit_format("%s; it was \"%s\"", because, shown[i]));
    }
    kit_redis_command(redis, "DEL %s", key);
    kit_redis_command(redis, "LPUSH %s 200", key); // no string at all
    expect_page(get(), text, because);
}
END_TEST

// ---------------------------------------------------------------- big

START_TEST(large_page_comes_whole)
{
    static const char *const fields[] = {"Content-Type", "image/png", NULL};
    prepare();
    struct kit_bytes body = kit_random_bytes(400000);
    always(answer("200 OK", "Content-Type: image/png\r\n", body));
    serve();
    expect_twice(body, fields, "the lesson, big: without $CACHE_MAX_BYTES the limit is a mebibyte");
}
END_TEST

START_TEST(page_at_the_limit_is_stored)
{
    prepare();
    long most = (long)kit_number(200, 500);
    set("CACHE_MAX_BYTES", most);
    always(page(kit_random_letters((size_t)most)));
    serve();
    kit_expect_status(get(), 200);
    expect_stored(kit_format("a body of %ld bytes, the limit", most),
                  "the lesson, big: a body of $CACHE_MAX_BYTES is stored");
}
END_TEST

START_TEST(page_above_the_limit_is_passed_on)
{
    static const char because[] = "the lesson, big: a larger body is answered and not stored";
    prepare();
    long most = (long)kit_number(200, 500);
    set("CACHE_MAX_BYTES", most);
    const char *text = kit_random_letters((size_t)most + 1);
    always(page(text));
    serve();
    expect_page(get(), text, because);
    expect_not_stored(kit_format("a body of %ld bytes, one above the limit", most + 1), because);
}
END_TEST

START_TEST(full_redis_is_no_error)
{
    static const char because[] =
        "the lesson, big: Redis at its maxmemory refuses to store, and the client is answered";
    prepare();
    const char *text = kit_word();
    always(page(text));
    serve();
    kit_redis_command(redis, "CONFIG SET maxmemory 1");
    expect_page(get(), text, because);
    kit_redis_command(redis, "CONFIG SET maxmemory 0");
    expect_page(get(), text, because);
    expect_stored("the entry, once there is room again", because);
}
END_TEST

// ---------------------------------------------------------------- redis-down

START_TEST(clients_are_answered_without_redis)
{
    static const char because[] = "the lesson, redis-down: a cache may be slow, never in the way";
    prepare();
    const char *text = kit_word();
    always(page(text));
    serve();
    expect_page(get(), text, because);
    kit_service_do("redis", "stop");
    expect_page(get(), text, because);
    expect_page(get(), text, because);
}
END_TEST

START_TEST(server_starts_without_redis)
{
    static const char because[] = "the lesson, redis-down: servers start in any order";
    prepare();
    const char *text = kit_word();
    always(page(text));
    kit_service_do("redis", "stop");
    serve();
    expect_page(get(), text, because);
    kit_service_do("redis", "start");
    expect_page(get(), text, because);
    expect_stored("the entry, once Redis is there", because);
}
END_TEST

START_TEST(stalled_redis_is_not_waited_for)
{
    static const char because[] = "the lesson, redis-down: a Redis that says nothing for "
                                  "$REDIS_TIMEOUT_MS is as good as none";
    prepare();
    set("REDIS_TIMEOUT_MS", 100);
    const char *text = kit_word();
    always(page(text));
    serve();
    expect_page(get(), text, because);
    kit_service_do("redis", "stall");
    kit_when_stuck("the client waits for Redis, which does not answer", because);
    expect_page(get(), text, because);
}
END_TEST

START_TEST(stampede_without_redis_is_one_fetch)
{
    static const char because[] =
        "the lesson, redis-down: without Redis the origin needs the one fetch even more";
    prepare();
    const char *text = kit_word();
    on_the_word(page(text));
    kit_again(origin);
    kit_service_do("redis", "stop");
    serve();
    struct kit_connection **clients = crowd(20);
    kit_wait_until_idle(server);
    kit_go_on(origin);
    expect_crowd(clients, 20, 200, text, because);
    expect_asked(1, because);
}
END_TEST

// ---------------------------------------------------------------- redis-restarts

START_TEST(lost_connection_costs_no_hit)
{
    static const char because[] =
        "the lesson, redis-restarts: a connection that was closed is made anew, and asked again";
    prepare();
    const char *text = kit_word();
    always(page("the origin was asked"));
    serve();
    put_entry(text_entry(text), TTL);
    expect_page(get(), text, because);
    kit_redis_command(redis, "CLIENT KILL TYPE normal SKIPME yes");
    expect_page(get(), text, because);
}
END_TEST

START_TEST(lost_connection_loses_no_write)
{
    static const char because[] =
        "the lesson, redis-restarts: an entry that was to be deleted must not live on";
    prepare();
    always(page("done"));
    serve();
    put_entry(text_entry(kit_word()), TTL);
    kit_expect_status(get(), 200);
    kit_redis_command(redis, "CLIENT KILL TYPE normal SKIPME yes");
    kit_expect_status(kit_request(server, "PUT", target, "", kit_text("new")), 200);
    expect_not_stored("the entry, after a write behind a lost connection", because);
}
END_TEST

START_TEST(empty_redis_is_filled_again)
{
    static const char because[] = "the lesson, redis-restarts: it comes back with nothing in it";
    prepare();
    const char *text = kit_word();
    always(page(text));
    serve();
    expect_page(get(), text, because);
    kit_service_do("redis", "restart");
    expect_page(get(), text, because);
    expect_stored("the entry, after Redis was started anew", because);
    expect_page(get(), text, because);
    expect_asked(2, because);
}
END_TEST

static bool is_body(const struct kit_reply *reply, const char *text)
{
    return reply->body.length == strlen(text) &&
           memcmp(reply->body.data, text, reply->body.length) == 0;
}

START_TEST(redis_is_used_again_after_a_stall)
{
    static const char because[] = "the lesson, redis-restarts: what was given up is tried again";
    prepare();
    set("REDIS_TIMEOUT_MS", 100);
    const char *text = kit_word();
    always(page("the origin was asked"));
    serve();
    kit_expect_status(get(), 200);
    kit_service_do("redis", "stall");
    kit_when_stuck("the client waits for Redis, which does not answer", because);
    kit_expect_status(get(), 200);
    kit_service_do("redis", "resume");
    kit_wait_until_redis_is_idle(redis, server); // what was sent to it meanwhile is done
    // The limit is short, and a busy machine may make even a right program too late once.
    struct kit_reply *reply = NULL;
    for (int i = 0; i < TRIES && (reply == NULL || !is_body(reply, text)); i++) {
        put_entry(text_entry(text), TTL);
        reply = get();
    }
    expect_page(reply, text, because);
}
END_TEST

START_TEST(connections_to_redis_are_few)
{
    static const char because[] =
        "the lesson, redis-restarts: at most 16 connections are kept, and none is lost";
    prepare();
    always(page(kit_word()));
    serve();
    for (int i = 0; i < 24; i++)
        kit_expect_status(kit_get(server, "/%s", kit_word()), 200);
    kit_wait_until_redis_is_idle(redis, server);
    const struct kit_redis_reply *list = kit_redis_command(redis, "CLIENT LIST TYPE normal");
    int connections = -1; // the check's own
    for (size_t i = 0; i < list->bytes.length; i++)
        connections += list->bytes.data[i] == '\n';
    kit_expect(connections <= CONNECTIONS_MOST,
               "after 24 requests, one after the other, Redis has %d connections", connections);
    kit_because(because);
}
END_TEST

// ---------------------------------------------------------------- origin-down

START_TEST(no_origin_is_502)
{
    prepare();
    struct kit_origin *nobody = kit_origin_refusing();
    kit_environment("ORIGIN_URL", kit_format("http://%s", kit_origin_host(nobody)));
    serve();
    kit_expect_status(get(), 502);
    kit_because("RFC 9110 15.6.3: the server behind this one gave no answer that can be used");
}
END_TEST

START_TEST(answer_that_is_cut_off_is_502)
{
    static const char because[] =
        "RFC 9111 3.3: half an answer is no answer, and is not stored as a whole one";
    prepare();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n%s", kit_word());
    kit_then_close(origin);
    kit_again(origin);
    serve();
    kit_expect_status(get(), 502);
    kit_because(because);
    expect_not_stored("an answer that was cut off", because);
}
END_TEST

START_TEST(write_without_an_answer_deletes_too)
{
    static const char because[] =
        "the lesson, origin-down: without an answer nobody knows whether it was written";
    prepare();
    kit_on_request(origin);
    kit_then_close(origin);
    serve();
    put_entry(text_entry(kit_word()), TTL);
    kit_expect_status(kit_request(server, "DELETE", target, "", kit_text("")), 502);
    kit_because(because);
    expect_not_stored("the entry, after a write without an answer", because);
}
END_TEST

static void prepare_if_error(void)
{
    prepare();
    set("CACHE_TTL_MS", TTL);
    set("STALE_WHILE_REVALIDATE_MS", REVALIDATE);
    set("STALE_IF_ERROR_MS", IF_ERROR);
}

START_TEST(old_page_is_kept_for_errors)
{
    prepare_if_error();
    always(page(kit_word()));
    serve();
    kit_expect_status(get(), 200);
    kit_expect_redis_between(redis, "the life of the entry, in milliseconds",
                             TTL + REVALIDATE + IF_ERROR / 10, TTL + REVALIDATE + IF_ERROR,
                             "PTTL %s", key);
    kit_because("the lesson, origin-down: an entry lives for all three times together");
}
END_TEST

START_TEST(old_page_stands_in_for_errors)
{
    static const char because[] =
        "RFC 5861 4: a stale answer is better than an error, for $STALE_IF_ERROR_MS";
    prepare_if_error();
    const char *old = kit_word();
    kit_answer_bytes(origin, answer("500 Internal Server Error", text_plain, kit_text("broken")));
    kit_on_request(origin);
    kit_then_close(origin);
    serve();
    put_entry(text_entry(old), IF_ERROR / 2);
    expect_page(get(), old, because);
    expect_page(get(), old, because);
    expect_asked(2, because);
}
END_TEST

START_TEST(old_page_gives_way_to_a_new_one)
{
    static const char because[] =
        "the lesson, origin-down: in its last time a page is given only when the origin fails";
    prepare_if_error();
    const char *new = kit_word();
    always(page(new));
    serve();
    put_entry(text_entry(kit_word()), IF_ERROR / 2);
    expect_page(get(), new, because);
    kit_expect_redis_bytes(redis, "the entry", text_entry(new), "GET %s", key);
    kit_because(because);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("miss", page_of_the_origin_comes_back, .services = "redis");
    KIT_CHECK("miss", origin_is_asked_for_the_whole_target, .services = "redis");
    KIT_CHECK("miss", other_statuses_come_back, .services = "redis");

    KIT_CHECK("hit", second_request_is_not_fetched, .services = "redis");
    KIT_CHECK("hit", page_is_stored_as_agreed, .services = "redis");
    KIT_CHECK("hit", what_redis_holds_is_the_answer, .services = "redis");
    KIT_CHECK("hit", query_is_a_part_of_the_key, .services = "redis");

    KIT_CHECK("ttl", entry_lives_for_its_time, .services = "redis");
    KIT_CHECK("ttl", hit_does_not_prolong_it, .services = "redis");
    KIT_CHECK("ttl", page_that_has_gone_is_fetched_again, .services = "redis");
    KIT_CHECK("ttl", forbidden_pages_are_not_stored, .services = "redis");

    KIT_CHECK("invalidate", write_reaches_the_origin, .services = "redis");
    KIT_CHECK("invalidate", page_is_new_after_a_write, .services = "redis");
    KIT_CHECK("invalidate", other_pages_stay, .services = "redis");
    KIT_CHECK("invalidate", refused_write_changes_nothing, .services = "redis");
    KIT_CHECK("invalidate", entry_goes_after_the_write, .services = "redis");

    KIT_CHECK("negative", not_found_is_not_asked_again, .services = "redis");
    KIT_CHECK("negative", not_found_has_its_own_time, .services = "redis");
    KIT_CHECK("negative", server_error_is_asked_again, .services = "redis");
    KIT_CHECK("negative", only_200_and_404_are_stored, .services = "redis");

    KIT_CHECK("stampede", hundred_at_once_are_one_fetch, .services = "redis");
    KIT_CHECK("stampede", failed_fetch_is_shared, .services = "redis");
    KIT_CHECK("stampede", other_pages_are_not_held_up, .services = "redis");
    KIT_CHECK("stampede", fetch_that_is_over_is_forgotten, .services = "redis");
    KIT_CHECK("stampede", write_during_a_fetch_is_not_undone, .services = "redis");

    KIT_CHECK("stale-while-revalidate", entry_lives_for_its_stale_time_too, .services = "redis");
    KIT_CHECK("stale-while-revalidate", fresh_page_is_not_refreshed, .services = "redis");
    KIT_CHECK("stale-while-revalidate", not_found_has_no_stale_time, .services = "redis");
    KIT_CHECK("stale-while-revalidate", stale_page_comes_at_once, .services = "redis");
    KIT_CHECK("stale-while-revalidate", stale_page_is_refreshed, .services = "redis");
    KIT_CHECK("stale-while-revalidate", stale_page_is_refreshed_once, .services = "redis");
    KIT_CHECK("stale-while-revalidate", failed_refresh_keeps_the_page, .services = "redis");

    KIT_CHECK("serialize", every_field_survives, .services = "redis");
    KIT_CHECK("serialize", any_bytes_survive, .services = "redis");
    KIT_CHECK("serialize", page_without_body_or_fields_survives, .services = "redis");
    KIT_CHECK("serialize", broken_entry_is_a_miss, .services = "redis");

    KIT_CHECK("big", large_page_comes_whole, .services = "redis");
    KIT_CHECK("big", page_at_the_limit_is_stored, .services = "redis");
    KIT_CHECK("big", page_above_the_limit_is_passed_on, .services = "redis");
    KIT_CHECK("big", full_redis_is_no_error, .services = "redis");

    KIT_CHECK("redis-down", clients_are_answered_without_redis, .services = "redis");
    KIT_CHECK("redis-down", server_starts_without_redis, .services = "redis");
    KIT_CHECK("redis-down", stalled_redis_is_not_waited_for, .services = "redis", .waits = true);
    KIT_CHECK("redis-down", stampede_without_redis_is_one_fetch, .services = "redis");

    KIT_CHECK("redis-restarts", lost_connection_costs_no_hit, .services = "redis");
    KIT_CHECK("redis-restarts", lost_connection_loses_no_write, .services = "redis");
    KIT_CHECK("redis-restarts", empty_redis_is_filled_again, .services = "redis");
    KIT_CHECK("redis-restarts", redis_is_used_again_after_a_stall, .services = "redis",
              .waits = true);
    KIT_CHECK("redis-restarts", connections_to_redis_are_few, .services = "redis");

    KIT_CHECK("origin-down", no_origin_is_502, .services = "redis");
    KIT_CHECK("origin-down", answer_that_is_cut_off_is_502, .services = "redis");
    KIT_CHECK("origin-down", write_without_an_answer_deletes_too, .services = "redis");
    KIT_CHECK("origin-down", old_page_is_kept_for_errors, .services = "redis");
    KIT_CHECK("origin-down", old_page_stands_in_for_errors, .services = "redis");
    KIT_CHECK("origin-down", old_page_gives_way_to_a_new_one, .services = "redis");
}
