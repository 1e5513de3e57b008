// SPDX-License-Identifier: MIT
/*
 * Checks of the kit's connections, reader and expectations against the program net, which sends
 * what the path of a request says. What becomes of each, kit_net.c says.
 */
#include "kit.h"

#include <signal.h>
#include <string.h>

#define HEAD "HTTP/1.1 200 OK\r\n"
#define MANGO HEAD "Content-Length: 5\r\nContent-Type: text/plain\r\n\r\nmango"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nman\r\n2\r\ngo\r\n0\r\n\r\n"

// The path that makes the program send these bytes and then do `word`.
static const char *path_for(const char *word, const char *bytes)
{
    static const char digits[] = "0123456789abcdef";
    static char hex[2 * 30000 + 1];
    size_t length = 0;
    for (const char *c = bytes; *c != '\0'; c++) {
        hex[length++] = digits[(unsigned char)*c >> 4];
        hex[length++] = digits[(unsigned char)*c & 15];
    }
    hex[length] = '\0';
    return kit_format("/%s/%s", word, hex);
}

static struct kit_reply *get(const char *word, const char *bytes)
{
    return kit_get(kit_serve(), "%s", path_for(word, bytes));
}

static struct kit_connection *asked(const char *word, const char *bytes, const char *method)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *connection = kit_connect(server);
    kit_send(connection, "%s", kit_head(server, method, path_for(word, bytes), ""));
    return connection;
}

// ---------------------------------------------------------------- answers that are right

START_TEST(whole_answer)
{
    struct kit_reply *reply = get("hold", MANGO);
    kit_expect_status(reply, 404, 200);
    kit_expect_field(reply, "content-type", "text/plain");
    kit_expect_media_type(reply, "TEXT/plain");
    kit_expect_no_field(reply, "Content-Encoding");
    kit_expect_body(reply, kit_text("mango"));
    kit_expect_body_lacks(reply, kit_text("fig"));
    kit_expect(reply->has_length && !reply->chunked && !reply->until_close, "another framing");
    kit_expect(reply->body_offset == strlen(MANGO) - 5, "another offset of the body");
    kit_expect(kit_field(reply, "Missing") == NULL, "a missing field has a value");
}
END_TEST

START_TEST(answer_byte_by_byte)
{
    struct kit_reply *reply = get("pieces", CHUNKED);
    kit_expect_body(reply, kit_text("mango"));
    kit_expect(reply->chunked, "not chunked");
}
END_TEST

START_TEST(answer_until_close)
{
    struct kit_reply *reply = get("close", HEAD "\r\nmango");
    kit_expect_body(reply, kit_text("mango"));
    kit_expect(reply->until_close, "not until the close");
    kit_expect_closed(reply->connection);
}
END_TEST

START_TEST(pipelined_answers)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *connection = kit_connect(server);
    const char *first = kit_head(server, "GET", path_for("hold", MANGO), "");
    const char *second = kit_head(server, "GET", path_for("close", CHUNKED), "");
    kit_send(connection, "%s%s", first, second);
    kit_expect_body(kit_read_reply(connection), kit_text("mango"));
    kit_expect_body(kit_read_reply(connection), kit_text("mango"));
    kit_expect_closed(connection);
}
END_TEST

START_TEST(interim_answers)
{
    struct kit_connection *connection =
        asked("hold", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 \r\n\r\n" MANGO, "GET");
    kit_expect_status(kit_read_interim_reply(connection), 100);
    kit_expect_status(kit_read_reply(connection), 200);
}
END_TEST

START_TEST(head_has_no_body)
{
    struct kit_connection *connection = asked("close", HEAD "Content-Length: 5\r\n\r\n", "HEAD");
    kit_expect_status(kit_read_head_reply(connection), 200);
    kit_expect_closed(connection);
}
END_TEST

START_TEST(close_without_an_answer)
{
    struct kit_connection *connection = asked("close", "", "GET");
    kit_expect(kit_read_reply_or_close(connection) == NULL, "an answer came");
}
END_TEST

START_TEST(many_connections)
{
    enum { COUNT = 50 };
    struct kit_program *server = kit_serve();
    struct kit_connection **connections = kit_connect_many(server, COUNT);
    const char *words[COUNT];
    for (int i = 0; i < COUNT; i++) {
        words[i] = kit_word();
        const char *answer =
            kit_format(HEAD "Content-Length: %zu\r\n\r\n%s", strlen(words[i]), words[i]);
        kit_send(connections[i], "%s", kit_head(server, "GET", path_for("hold", answer), ""));
    }
    struct kit_reply **replies = kit_read_replies(connections, COUNT);
    for (int i = 0; i < COUNT; i++)
        kit_expect_body(replies[i], kit_text(words[i]));
}
END_TEST

START_TEST(large_upload)
{
    struct kit_bytes body = kit_random_bytes((size_t)8 << 20);
    struct kit_reply *reply = kit_request(kit_serve(), "POST", "/count", "", body);
    kit_expect_body(reply, kit_text("8388608"));
}
END_TEST

START_TEST(raw_bytes)
{
    struct kit_connection *connection = asked("close", "mango and fig", "GET");
    kit_expect_bytes(connection, kit_text("mango"));
    struct kit_bytes more = kit_receive(connection, 4);
    kit_expect_equal("what came next", more, kit_text(" and"));
    struct kit_bytes rest = kit_receive_until_close(connection);
    kit_expect_equal("the rest", rest, kit_text(" fig"));
    kit_expect(kit_has_answer(connection), "no end");
    kit_expect_closed(connection);
}
END_TEST

START_TEST(request_in_pieces)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *connection = kit_connect(server);
    const char *head = kit_head(server, "GET", "/segments", "");
    kit_send_in_pieces(connection, kit_text(head), 7);
    struct kit_reply *reply = kit_read_reply(connection);
    size_t pieces = (strlen(head) + 6) / 7;
    const char *expected = "";
    for (size_t i = 0; i < pieces; i++)
        expected = kit_format("%s%zu ", expected,
                              i + 1 < pieces ? (size_t)7 : strlen(head) - 7 * (pieces - 1));
    kit_expect_body(reply, kit_text(expected));
    // Again, after an answer: acknowledgements are late from now on.
    kit_send_in_pieces(connection, kit_text(head), 20);
    kit_read_reply(connection);
}
END_TEST

START_TEST(half_closed)
{
    struct kit_connection *connection = asked("hold", "fig", "GET");
    kit_half_close(connection);
    kit_expect_bytes(connection, kit_text("fig"));
    kit_expect_closed(connection);
}
END_TEST

START_TEST(over_ipv6_with_a_small_buffer)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *connection = kit_connect_with(
        server, &(struct kit_connect_options){.receive_buffer = 4096, .ipv6 = true});
    const char *letters = kit_random_letters(20000);
    const char *answer = kit_format(HEAD "Content-Length: 20000\r\n\r\n%s", letters);
    kit_send(connection, "%s", kit_head(server, "GET", path_for("hold", answer), ""));
    kit_expect_body(kit_read_reply(connection), kit_text(letters));
}
END_TEST

START_TEST(sent_until_the_answer)
{
    struct kit_connection *connection = asked("hold", MANGO, "POST");
    kit_wait_until_read(connection);
    kit_read_reply(connection);
    kit_send(connection, "GET %s HTTP/1.1\r\n\r\n", path_for("deaf", MANGO));
    kit_wait_until_read(connection);
    size_t sent = kit_send_until_answer(connection, kit_random_bytes((size_t)16 << 20));
    kit_expect(sent < ((size_t)16 << 20), "everything was sent");
    kit_read_reply(connection);
}
END_TEST

START_TEST(own_connections_are_closed)
{
    struct kit_program *server = kit_serve();
    struct kit_reply *first = kit_get(server, "%s", path_for("hold", MANGO));
    kit_get(server, "%s", path_for("hold", MANGO));
    kit_expect_closed(first->connection); // the author's mistake: the check is broken
}
END_TEST

START_TEST(curl_gets)
{
    struct kit_program *server = kit_serve();
    struct kit_reply *reply = kit_curl_get(server, path_for("hold", MANGO), "");
    kit_expect_body(reply, kit_text("mango"));
    reply = kit_curl_get(server, path_for("hold", CHUNKED), "X-A: fig\r\n");
    kit_expect_body(reply, kit_text("mango"));
    reply = kit_curl_get(server, path_for("close", HEAD "\r\nmango"), "");
    kit_expect_body(reply, kit_text("mango"));
}
END_TEST

// ---------------------------------------------------------------- answers that break a rule

START_TEST(no_status_line)
{
    get("close", "hello");
}
END_TEST

START_TEST(bare_line_feed)
{
    get("hold", HEAD "Content-Length: 5\n\r\nmango");
}
END_TEST

START_TEST(lengths_that_differ)
{
    get("hold", HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\nmango");
}
END_TEST

START_TEST(length_too_large_and_open)
{
    get("hold", HEAD "Content-Length: 12\r\n\r\nmango-417");
}
END_TEST

START_TEST(length_too_large_and_closed)
{
    get("close", HEAD "Content-Length: 12\r\n\r\nmango-417");
}
END_TEST

START_TEST(much_is_missing)
{
    get("close", HEAD "Content-Length: 4096\r\n\r\nmango-417");
}
END_TEST

START_TEST(length_too_small)
{
    struct kit_reply *reply = get("close", HEAD "Content-Length: 6\r\n\r\nmango-417");
    kit_expect_status(reply, 200);
    kit_expect_closed(reply->connection);
}
END_TEST

START_TEST(body_behind_head)
{
    struct kit_connection *connection =
        asked("close", HEAD "Content-Length: 5\r\n\r\nmango", "HEAD");
    kit_read_head_reply(connection);
    kit_expect_closed(connection);
}
END_TEST

START_TEST(no_length_and_open)
{
    get("hold", HEAD "\r\nmango");
}
END_TEST

START_TEST(head_without_end)
{
    get("hold", HEAD "Content-Length: 5\r\n");
}
END_TEST

START_TEST(half_a_line_that_is_wrong)
{
    get("hold", HEAD "Content-Length: 5\r\nA: b\rcc");
}
END_TEST

START_TEST(closed_in_the_head)
{
    get("close", HEAD "Content-Le");
}
END_TEST

START_TEST(closed_without_an_answer)
{
    get("close", "");
}
END_TEST

START_TEST(reset_without_an_answer)
{
    get("reset", "");
}
END_TEST

START_TEST(no_answer)
{
    get("hold", "");
}
END_TEST

START_TEST(chunks_without_end)
{
    get("hold", HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nmango\r\n");
}
END_TEST

START_TEST(program_ends)
{
    get("exit", HEAD "Content-Length: 5\r\n\r\nman");
}
END_TEST

START_TEST(program_crashes)
{
    get("crash", HEAD "Content-Length: 5\r\n\r\nman");
}
END_TEST

START_TEST(not_closed)
{
    struct kit_reply *reply = get("hold", MANGO);
    kit_expect_closed(reply->connection);
}
END_TEST

START_TEST(flooded)
{
    struct kit_connection *connection = asked("flood", "", "GET");
    kit_receive_until_close(connection);
}
END_TEST

START_TEST(not_read)
{
    struct kit_connection *connection = asked("deaf", "", "POST");
    kit_wait_until_read(connection);
    kit_send_bytes(connection, kit_random_bytes((size_t)16 << 20));
}
END_TEST

START_TEST(stopped_listening)
{
    struct kit_program *server = kit_serve();
    kit_get(server, "/stop");
    kit_connect(server);
}
END_TEST

START_TEST(one_of_many_unanswered)
{
    struct kit_program *server = kit_serve();
    struct kit_connection **connections = kit_connect_many(server, 3);
    for (int i = 0; i < 3; i++)
        kit_send(connections[i], "%s",
                 kit_head(server, "GET", path_for("hold", i == 1 ? "" : MANGO), ""));
    kit_read_replies(connections, 3);
}
END_TEST

START_TEST(curl_refuses)
{
    kit_curl_get(kit_serve(), path_for("close", HEAD "Content-Length: 12\r\n\r\nmango-417"), "");
}
END_TEST

START_TEST(curl_waits)
{
    kit_curl_get(kit_serve(), path_for("hold", HEAD "Content-Length: 4096\r\n\r\nmango"), "");
}
END_TEST

START_TEST(curl_forgives)
{
    kit_curl_get(kit_serve(), path_for("close", HEAD "Content-Length : 5\r\n\r\nmango"), "");
}
END_TEST

// ---------------------------------------------------------------- expectations that do not hold

START_TEST(other_status)
{
    struct kit_reply *reply = get("hold", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    kit_expect_status(reply, 200);
    kit_because("RFC 9110 15.3.1: it worked");
}
END_TEST

START_TEST(none_of_three_statuses)
{
    kit_expect_status(get("hold", MANGO), 400, 413, 414);
}
END_TEST

START_TEST(other_field)
{
    kit_expect_field(get("hold", MANGO), "Content-Type", "text/%s", "html");
}
END_TEST

START_TEST(other_media_type)
{
    kit_expect_media_type(get("hold", MANGO), "text/plainer");
}
END_TEST

START_TEST(missing_field)
{
    kit_expect_field(get("hold", MANGO), "Allow", "GET");
}
END_TEST

START_TEST(missing_member)
{
    struct kit_reply *reply =
        get("hold", HEAD "Allow: GET , POST\r\nAllow: PUT\r\nContent-Length: 0\r\n\r\n");
    kit_expect_field_lists(reply, "Allow", "post");
    kit_expect_field_lists(reply, "Allow", "PUT");
    kit_expect_field_lists(reply, "Allow", "POS");
}
END_TEST

START_TEST(surplus_member)
{
    struct kit_reply *reply =
        get("hold", HEAD "Allow: GET , POST\r\nAllow: PUT\r\nContent-Length: 0\r\n\r\n");
    kit_expect_field_lacks(reply, "Vary", "GET");
    kit_expect_field_lacks(reply, "Allow", "POS");
    kit_expect(strcmp(kit_field_list(reply, "allow"), "GET , POST, PUT") == 0, "another list");
    kit_expect(kit_field_list(reply, "Vary") == NULL, "a list of no field");
    kit_expect_field_lacks(reply, "Allow", "put");
}
END_TEST

START_TEST(other_value)
{
    struct kit_reply *reply = get("hold", MANGO);
    kit_expect_value(reply, "Content-Length", true, "never said");
    kit_expect_value(reply, "Content-Length", false, "a length of %d", 5);
    kit_because("that is what the author found");
}
END_TEST

START_TEST(value_of_no_field)
{
    kit_expect_value(get("hold", MANGO), "ETag", true, "never said");
}
END_TEST

START_TEST(surplus_field)
{
    kit_expect_no_field(get("hold", MANGO), "Content-Type");
}
END_TEST

START_TEST(other_short_body)
{
    kit_expect_body(get("hold", MANGO), kit_text("melon"));
}
END_TEST

START_TEST(other_chunked_body)
{
    kit_expect_body(get("hold", CHUNKED), kit_text("manga and much else that is not there at all"));
}
END_TEST

START_TEST(other_long_body)
{
    const char *body = kit_random_letters(4096);
    const char *answer = kit_format(HEAD "Content-Length: 4096\r\n\r\n%.16s-%s", body, body + 17);
    kit_expect_body(get("hold", answer), kit_text(body));
}
END_TEST

START_TEST(body_with_a_secret)
{
    kit_expect_body_lacks(get("hold", CHUNKED), kit_text("ngo"));
}
END_TEST

START_TEST(other_bytes)
{
    struct kit_connection *connection = asked("hold", "mango", "GET");
    kit_expect_bytes(connection, kit_text("mangrove"));
}
END_TEST

START_TEST(too_few_bytes)
{
    struct kit_connection *connection = asked("close", "mango", "GET");
    kit_receive(connection, 9);
}
END_TEST

START_TEST(body_is_no_gzip)
{
    kit_gunzip(get("hold", MANGO));
}
END_TEST

// ---------------------------------------------------------------- a cache before the program

#define KEPT(rules) HEAD rules "Content-Length: 5\r\n\r\nmango"
#define MINUTE "Cache-Control: max-age=60\r\n"
#define TOKEN "Authorization: Bearer fig\r\n"

static struct kit_reply *cached(struct kit_program *server, const char *bytes, const char *fields)
{
    struct kit_reply *reply = kit_request_cached(server, "GET", path_for("hold", bytes), fields,
                                                 (struct kit_bytes){NULL, 0});
    kit_expect_body(reply, kit_text("mango"));
    return reply;
}

static void expect_cache(struct kit_reply *reply, const char *state, bool asked)
{
    kit_expect_field(reply, "X-Cache-Status", "%s", state);
    if (asked)
        kit_expect_field(reply, "X-Origin-Status", "200");
    else
        kit_expect_no_field(reply, "X-Origin-Status");
}

START_TEST(what_may_be_kept_is_a_hit)
{
    struct kit_program *server = kit_serve();
    expect_cache(cached(server, KEPT(MINUTE), ""), "MISS", true);
    expect_cache(cached(server, KEPT(MINUTE), ""), "HIT", false);
    // A page that says nothing is kept all the same, by a guess.
    expect_cache(cached(server, KEPT(""), ""), "MISS", true);
    expect_cache(cached(server, KEPT(""), ""), "HIT", false);
}
END_TEST

START_TEST(what_is_for_one_is_asked_for_again)
{
    struct kit_program *server = kit_serve();
    for (int i = 0; i < 2; i++) {
        expect_cache(cached(server, KEPT("Cache-Control: private\r\n"), ""), "MISS", true);
        expect_cache(cached(server, KEPT("Cache-Control: no-store\r\n"), ""), "MISS", true);
        expect_cache(cached(server, KEPT(MINUTE "X: 1\r\n"), TOKEN), "MISS", true);
    }
    expect_cache(cached(server, KEPT("Cache-Control: public\r\n" MINUTE), TOKEN), "MISS", true);
    expect_cache(cached(server, KEPT("Cache-Control: public\r\n" MINUTE), TOKEN), "HIT", false);
}
END_TEST

START_TEST(languages_are_kept_apart)
{
#define VARIED KEPT(MINUTE "Vary: Accept-Language\r\n")
    struct kit_program *server = kit_serve();
    expect_cache(cached(server, VARIED, "Accept-Language: en\r\n"), "MISS", true);
    expect_cache(cached(server, VARIED, "Accept-Language: de\r\n"), "MISS", true);
    expect_cache(cached(server, VARIED, "Accept-Language: en\r\n"), "HIT", false);
}
END_TEST

START_TEST(answer_of_the_cache_differs)
{
    expect_cache(cached(kit_serve(), KEPT("Cache-Control: no-cache\r\n"), ""), "HIT", false);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("right", whole_answer);
    KIT_CHECK("right", answer_byte_by_byte);
    KIT_CHECK("right", answer_until_close);
    KIT_CHECK("right", pipelined_answers);
    KIT_CHECK("right", interim_answers);
    KIT_CHECK("right", head_has_no_body);
    KIT_CHECK("right", close_without_an_answer);
    KIT_CHECK("right", many_connections);
    KIT_CHECK("right", large_upload);
    KIT_CHECK("right", raw_bytes);
    KIT_CHECK("right", request_in_pieces);
    KIT_CHECK("right", half_closed);
    KIT_CHECK("right", over_ipv6_with_a_small_buffer);
    KIT_CHECK("right", sent_until_the_answer);
    KIT_CHECK("right", curl_gets);
    KIT_CHECK("author", own_connections_are_closed);
    KIT_CHECK("broken", no_status_line);
    KIT_CHECK("broken", bare_line_feed);
    KIT_CHECK("broken", lengths_that_differ);
    KIT_CHECK("broken", length_too_large_and_open);
    KIT_CHECK("broken", length_too_large_and_closed);
    KIT_CHECK("broken", much_is_missing);
    KIT_CHECK("broken", length_too_small);
    KIT_CHECK("broken", body_behind_head);
    KIT_CHECK("broken", no_length_and_open);
    KIT_CHECK("broken", head_without_end);
    KIT_CHECK("broken", half_a_line_that_is_wrong);
    KIT_CHECK("broken", closed_in_the_head);
    KIT_CHECK("broken", closed_without_an_answer);
    KIT_CHECK("broken", reset_without_an_answer);
    KIT_CHECK("broken", no_answer);
    KIT_CHECK("broken", chunks_without_end);
    KIT_CHECK("broken", program_ends);
    KIT_CHECK("broken", program_crashes);
    KIT_CHECK("broken", not_closed);
    KIT_CHECK("broken", flooded);
    KIT_CHECK("broken", not_read);
    KIT_CHECK("broken", stopped_listening);
    KIT_CHECK("broken", one_of_many_unanswered);
    KIT_CHECK("broken", curl_refuses);
    KIT_CHECK("broken", curl_waits);
    KIT_CHECK("broken", curl_forgives);
    KIT_CHECK("differs", other_status);
    KIT_CHECK("differs", none_of_three_statuses);
    KIT_CHECK("differs", other_field);
    KIT_CHECK("differs", other_media_type);
    KIT_CHECK("differs", missing_field);
    KIT_CHECK("differs", missing_member);
    KIT_CHECK("differs", surplus_member);
    KIT_CHECK("differs", other_value);
    KIT_CHECK("differs", value_of_no_field);
    KIT_CHECK("differs", surplus_field);
    KIT_CHECK("differs", other_short_body);
    KIT_CHECK("differs", other_chunked_body);
    KIT_CHECK("differs", other_long_body);
    KIT_CHECK("differs", body_with_a_secret);
    KIT_CHECK("differs", other_bytes);
    KIT_CHECK("differs", too_few_bytes);
    KIT_CHECK("differs", body_is_no_gzip);
    KIT_CHECK("cache", what_may_be_kept_is_a_hit, .services = "nginx");
    KIT_CHECK("cache", what_is_for_one_is_asked_for_again, .services = "nginx");
    KIT_CHECK("cache", languages_are_kept_apart, .services = "nginx");
    KIT_CHECK("cache", answer_of_the_cache_differs, .services = "nginx");
}
