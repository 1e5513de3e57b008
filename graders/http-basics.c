// SPDX-License-Identifier: MIT
/*
 * The grader of http-basics. It reads like the lesson: one section a step, one START_TEST a check.
 * Each expectation rests on a sentence of the lesson or on a MUST of RFC 9110 or RFC 9112, and says
 * on which. What real servers do differently and may do is not asked for.
 */
#include <string.h>

#include "kit.h"

// ---------------------------------------------------------------- what several steps share

static const struct kit_bytes nothing = {NULL, 0};

// A whole request's head as bytes, to be sent in pieces.
static struct kit_bytes get_bytes(struct kit_program *server, const char *path, const char *fields)
{
    return kit_text(kit_head(server, "GET", path, fields));
}

// Sends a request as it stands and reads the answer to it on a connection of its own.
static struct kit_reply *answer_to(struct kit_program *server, const char *request)
{
    struct kit_connection *client = kit_connect(server);
    kit_send_bytes(client, kit_text(request));
    return kit_read_reply(client);
}

// The same, for requests so wrong that closing at once is an answer too: NULL then.
static struct kit_reply *answer_or_close(struct kit_program *server, const char *request)
{
    struct kit_connection *client = kit_connect(server);
    kit_send_bytes(client, kit_text(request));
    return kit_read_reply_or_close(client);
}

static struct kit_reply *post(struct kit_program *server, const char *name, struct kit_bytes body)
{
    return kit_request(server, "POST", kit_format("/files/%s", name), "", body);
}

// Where a field would stand that the request does not have: at the empty line.
static void suspect_end_of_head(const char *before, const char *what)
{
    kit_suspect(kit_format("%s\r\n", before), "\r\n", what);
}

// From here on the byte that did not come back is what matters; the kit finds it.
static void suspect_what_differs(void)
{
    kit_suspect("", NULL, NULL);
}

// A file name that no other check uses.
static const char *file_name(const char *ending)
{
    return kit_format("%s%s", kit_word(), ending);
}

// ---------------------------------------------------------------- listen

START_TEST(accepts_a_connection)
{
    struct kit_program *server = kit_serve();
    kit_connect(server);
    kit_expect_running(server);
    kit_because("a server waits for clients as long as it lives");
}
END_TEST

START_TEST(survives_clients_that_leave)
{
    struct kit_program *server = kit_serve();
    kit_reproduce("printf 'GET /x HT' | nc -q 0 127.0.0.1 8080; sleep 1; nc -zv 127.0.0.1 8080");
    kit_close(kit_connect(server));
    struct kit_connection *hasty = kit_connect(server);
    kit_send(hasty, "GET /%s HT", kit_word());
    kit_close(hasty);
    struct kit_connection *rude = kit_connect(server);
    kit_send(rude, "GET /%s", kit_word());
    kit_reset(rude);
    kit_expect_running(server);
    kit_because("a client that leaves is no reason for a server to end");
    kit_connect(server);
    kit_expect_running(server);
    kit_because("the next client comes after the one that left");
}
END_TEST

// ---------------------------------------------------------------- status-line

START_TEST(root_is_200)
{
    struct kit_program *server = kit_serve();
    kit_fixed_input("there is one path / only");
    kit_suspect("GET ", "/", "the path");
    struct kit_reply *reply = kit_get(server, "/");
    kit_expect_status(reply, 200);
    kit_because("RFC 9110 15.3.1: 200 says that the request has succeeded");
}
END_TEST

START_TEST(status_line_has_three_parts)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "GET /?%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", kit_word());
    kit_expect_bytes(client, kit_text("HTTP/1."));
    kit_because("RFC 9112 4: an answer begins with the version, HTTP/1.1");
    struct kit_bytes rest = kit_receive(client, 6);
    bool three = rest.data[0] >= '0' && rest.data[0] <= '9' && rest.data[1] == ' ' &&
                 rest.data[5] == ' ' && strspn((const char *)rest.data + 2, "0123456789") == 3;
    kit_expect(three, "the status line is not `HTTP/1.1 200 reason`: blank, three digits, blank");
    kit_because("RFC 9112 4: version, blank, status code, blank, reason");
}
END_TEST

START_TEST(head_ends_with_an_empty_line)
{
    struct kit_program *server = kit_serve();
    struct kit_reply *reply = kit_get(server, "/?%s", kit_word());
    kit_expect(reply->head.length >= 4 &&
                   memcmp(reply->head.data + reply->head.length - 4, "\r\n\r\n", 4) == 0,
               "the head does not end with an empty line");
    kit_because("RFC 9112 2.1: each line of the head ends in \\r\\n, an empty one ends the head");
}
END_TEST

// ---------------------------------------------------------------- not-found

START_TEST(unknown_path_is_404)
{
    struct kit_program *server = kit_serve();
    const char *word = kit_word();
    kit_suspect("GET /", word, "the path");
    struct kit_reply *reply = kit_get(server, "/%s", word);
    kit_expect_status(reply, 404);
    kit_because("RFC 9110 15.5.5: the server has nothing at that path");
}
END_TEST

START_TEST(longer_name_is_another_path)
{
    struct kit_program *server = kit_serve();
    kit_suspect("GET /user-agent", "-", "the path goes on here");
    struct kit_reply *reply = kit_get(server, "/user-agent-%s", kit_word());
    kit_expect_status(reply, 404);
    kit_because("/user-agent-x only begins like /user-agent: it is another path");
}
END_TEST

START_TEST(query_is_no_part_of_the_path)
{
    struct kit_program *server = kit_serve();
    kit_suspect("GET /", "?", "here the path ends");
    struct kit_reply *reply = kit_get(server, "/?%s=%s", kit_word(), kit_word());
    kit_expect_status(reply, 200);
    kit_because("RFC 3986 3.3: the path ends at the first question mark");
}
END_TEST

// ---------------------------------------------------------------- echo

START_TEST(text_comes_back)
{
    struct kit_program *server = kit_serve();
    const char *word = kit_word();
    kit_suspect("GET /echo/", word, "the text");
    struct kit_reply *reply = kit_get(server, "/echo/%s", word);
    kit_expect_status(reply, 200);
    kit_because("/echo/{text} is there for every text");
    suspect_what_differs();
    kit_expect_body(reply, kit_text(word));
    kit_because("the body is the text behind /echo/");
}
END_TEST

START_TEST(content_length_matches_body)
{
    struct kit_program *server = kit_serve();
    for (int round = 0; round < 2; round++) {
        kit_when_stuck(NULL, NULL);
        suspect_what_differs();
        // The second one is longer than a word, so that no constant fits both.
        const char *text =
            round == 0 ? kit_word() : kit_format("%s-%s-%s", kit_word(), kit_word(), kit_word());
        struct kit_connection *client = kit_connect(server);
        kit_send(client, "%s",
                 kit_head(server, "GET", kit_format("/echo/%s", text), "Connection: close\r\n"));
        struct kit_reply *reply = kit_read_reply(client);
        kit_expect(!reply->until_close, "the answer has no Content-Length");
        kit_because("RFC 9110 8.6: without it a client cannot know where the body ends");
        kit_expect_body(reply, kit_text(text));
        kit_because("RFC 9112 6.3: Content-Length counts the bytes of the body, no more, no less");
        kit_suspect("Connection: ", "close", "the client asks to close the connection");
        kit_when_stuck("the request says Connection: close, and the connection stays open",
                       "RFC 9112 9.6: the server closes after the answer when it was asked to "
                       "(step keep-alive)");
        kit_expect_closed(client);
        kit_because("RFC 9112 6.3: nothing may come behind the bytes that Content-Length counts");
    }
}
END_TEST

START_TEST(content_type_is_text_plain)
{
    struct kit_program *server = kit_serve();
    struct kit_reply *reply = kit_get(server, "/echo/%s", kit_word());
    kit_expect_media_type(reply, "text/plain");
    kit_because("RFC 9110 8.3: the sender says what the bytes mean");
}
END_TEST

START_TEST(percent_encoding_is_decoded)
{
    struct kit_program *server = kit_serve();
    const char *a = kit_word();
    const char *b = kit_word();
    const struct {
        const char *sent, *meant;
    } samples[] = {{"%20", " "},           {"%2F", "/"}, {"%2f", "/"},
                   {"%C3%A4", "\xc3\xa4"}, {"%7E", "~"}, {"%3F", "?"}};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        kit_suspect(kit_format("GET /echo/%s", a), samples[i].sent,
                    strlen(samples[i].sent) == 3 ? "this is one byte" : "these are two bytes");
        struct kit_reply *reply = kit_get(server, "/echo/%s%s%s", a, samples[i].sent, b);
        kit_expect_status(reply, 200);
        kit_because("RFC 3986 2.1: %20 in a path stands for the byte 0x20");
        kit_expect_body(reply, kit_text(kit_format("%s%s%s", a, samples[i].meant, b)));
        kit_because("RFC 3986 2.1: %20 in a path stands for the byte 0x20");
    }
}
END_TEST

START_TEST(plus_stays_a_plus)
{
    struct kit_program *server = kit_serve();
    const char *first = kit_word();
    const char *text = kit_format("%s+%s", first, kit_word());
    kit_suspect(kit_format("GET /echo/%s", first), "+", "the plus");
    struct kit_reply *reply = kit_get(server, "/echo/%s", text);
    kit_expect_body(reply, kit_text(text));
    kit_because("a plus is a blank in HTML forms only; in a path it is a plus (RFC 3986 3.3)");
}
END_TEST

START_TEST(query_is_cut_off)
{
    struct kit_program *server = kit_serve();
    const char *word = kit_word();
    kit_suspect(kit_format("GET /echo/%s", word), "?", "here the path ends");
    struct kit_reply *reply = kit_get(server, "/echo/%s?%s=%s", word, kit_word(), kit_word());
    kit_expect_body(reply, kit_text(word));
    kit_because("RFC 3986 3.4: what follows the question mark is the query, no part of the path");
}
END_TEST

// ---------------------------------------------------------------- headers

static void expect_user_agent(struct kit_program *server, const char *field, const char *value)
{
    struct kit_reply *reply = kit_request(server, "GET", "/user-agent", field, nothing);
    kit_expect_status(reply, 200);
    kit_expect_body(reply, kit_text(value));
}

START_TEST(user_agent_comes_back)
{
    struct kit_program *server = kit_serve();
    const char *agent = kit_format("%s/1.%s (lab)", kit_word(), kit_word());
    expect_user_agent(server, kit_format("User-Agent: %s\r\n", agent), agent);
    kit_because("RFC 9110 10.1.5: User-Agent names the program that asks");
}
END_TEST

START_TEST(names_match_in_any_case)
{
    struct kit_program *server = kit_serve();
    const char *const names[] = {"user-agent", "USER-AGENT", "uSeR-aGeNt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *agent = kit_word();
        kit_suspect("\r\n", names[i], "the name, in other letters");
        expect_user_agent(server, kit_format("%s: %s\r\n", names[i], agent), agent);
        kit_because("RFC 9110 5.1: names of fields match in any letter case");
    }
}
END_TEST

START_TEST(blanks_around_values_are_removed)
{
    struct kit_program *server = kit_serve();
    const struct {
        const char *before, *behind; // the value, with its colon and its line end
    } shapes[] = {{":", "\r\n"}, {":    ", "\r\n"}, {": ", "   \r\n"}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const char *agent = kit_format("%s %s", kit_word(), kit_word());
        const char *field =
            kit_format("User-Agent%s%s%s", shapes[i].before, agent, shapes[i].behind);
        if (i == 0)
            kit_suspect("User-Agent", ":", "no blank behind the colon");
        else if (i == 1)
            kit_suspect("User-Agent:", "    ", "four blanks before the value");
        else
            kit_suspect(agent, "   ", "three blanks behind the value");
        expect_user_agent(server, field, agent);
        kit_because("RFC 9112 5.1: blanks around a value are no part of it");
    }
}
END_TEST

START_TEST(missing_user_agent_is_an_empty_body)
{
    struct kit_program *server = kit_serve();
    const char *fruit = kit_word();
    kit_reproduce("curl -i -H User-Agent: http://127.0.0.1:8080/user-agent");
    suspect_end_of_head(fruit, "no User-Agent up to here");
    expect_user_agent(server, kit_format("X-Fruit: %s\r\n", fruit), "");
    kit_because("a client need not say who it is: 200 and an empty body; curl says it unless told "
                "-H User-Agent:");
}
END_TEST

START_TEST(request_in_small_pieces_is_read_whole)
{
    struct kit_program *server = kit_serve();
    const char *word = kit_word();
    struct kit_connection *client = kit_connect(server);
    kit_send_in_pieces(client, get_bytes(server, kit_format("/echo/%s", word), ""), 1);
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 200);
    kit_because("TCP carries a stream of bytes: one read() may return any part of a request");
    kit_expect_body(reply, kit_text(word));
    kit_because("TCP carries a stream of bytes: one read() may return any part of a request");
}
END_TEST

START_TEST(head_of_8_kib_is_accepted)
{
    struct kit_program *server = kit_serve();
    const char *agent = kit_word();
    const char *fields = "";
    for (int i = 0; strlen(fields) < 7600; i++)
        fields = kit_format("%sX-%d: %s-%s-%s\r\n", fields, i, kit_word(), kit_word(), kit_word());
    kit_reproduce("curl -i -A %s -H \"X-Long: $(seq -s x 1750)\" "
                  "http://127.0.0.1:8080/user-agent",
                  agent);
    expect_user_agent(server, kit_format("%sUser-Agent: %s\r\n", fields, agent), agent);
    kit_because("browsers send heads of several kilobytes: the lesson asks for 8 KiB");
}
END_TEST

// ---------------------------------------------------------------- head

START_TEST(head_sends_no_body)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    const char *path = kit_format("/echo/%s", kit_word());
    kit_suspect("", "HEAD", "the method");
    kit_send(client, "%s", kit_head(server, "HEAD", path, "Connection: close\r\n"));
    struct kit_reply *reply = kit_read_head_reply(client);
    kit_expect_status(reply, 200);
    kit_because("RFC 9110 9.3.2: HEAD is answered like GET");
    kit_expect_closed(client);
    kit_because("RFC 9110 9.3.2: the answer to HEAD has no body");
}
END_TEST

START_TEST(head_has_the_fields_of_get)
{
    struct kit_program *server = kit_serve();
    const char *path = kit_format("/echo/%s", kit_word());
    struct kit_reply *get = kit_get(server, "%s", path);
    struct kit_connection *client = kit_connect(server);
    kit_suspect("", "HEAD", "the method");
    kit_send(client, "%s", kit_head(server, "HEAD", path, ""));
    struct kit_reply *head = kit_read_head_reply(client);
    kit_expect_status(head, get->status);
    kit_because("RFC 9110 9.3.2: HEAD has the status that GET has");
    kit_expect(kit_field(get, "Content-Type") != NULL, "the answer to GET has no Content-Type");
    kit_because("RFC 9110 8.3: the sender says what the bytes mean");
    kit_expect_field(head, "Content-Type", "%s", kit_field(get, "Content-Type"));
    kit_because("RFC 9110 9.3.2: HEAD has the fields that GET has");
    if (kit_field(head, "Content-Length") != NULL) {
        kit_expect_field(head, "Content-Length", "%zu", get->body.length);
        kit_because("RFC 9110 8.6: Content-Length of HEAD is the length that GET would have");
    }
}
END_TEST

START_TEST(head_of_unknown_path_is_404)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    const char *path = kit_format("/%s", kit_word());
    kit_suspect("HEAD ", path, "the path");
    kit_send(client, "%s", kit_head(server, "HEAD", path, "Connection: close\r\n"));
    struct kit_reply *reply = kit_read_head_reply(client);
    kit_expect_status(reply, 404);
    kit_because("RFC 9110 9.3.2: HEAD has the status that GET has");
    kit_suspect("", "HEAD", "the method");
    kit_expect_closed(client);
    kit_because("RFC 9110 9.3.2: the answer to HEAD has no body, a 404 neither");
}
END_TEST

// ---------------------------------------------------------------- concurrent

START_TEST(second_client_is_answered_while_first_is_idle)
{
    struct kit_program *server = kit_serve();
    kit_connect(server);
    const char *word = kit_word();
    kit_when_stuck("the second client gets no answer while the first one is idle",
                   "an idle client may not hold up the next one");
    struct kit_reply *reply = kit_get(server, "/echo/%s", word);
    kit_expect_body(reply, kit_text(word));
    kit_because("clients do not know of each other: an idle one may not hold up the next");
}
END_TEST

START_TEST(half_a_request_blocks_nobody)
{
    struct kit_program *server = kit_serve();
    const char *slow_word = kit_word();
    const char *word = kit_word();
    struct kit_bytes request = get_bytes(server, kit_format("/echo/%s", slow_word), "");
    size_t half = kit_number(1, request.length - 4);
    struct kit_connection *slow = kit_connect(server);
    kit_send_bytes(slow, kit_part(request, 0, half));
    // The server has read the half and waits for the rest: what it holds meanwhile, it holds now.
    kit_wait_until_read(slow);
    kit_expect_running(server);
    kit_when_stuck("the second client gets no answer while the first one has sent half a request",
                   "a client that types slowly may not hold up the next one");
    struct kit_reply *reply = kit_get(server, "/echo/%s", word);
    kit_expect_body(reply, kit_text(word));
    kit_because("a client that types slowly may not hold up the next one");
    kit_reproduce("bash -c \"exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET /ec' >&3; sleep 1; "
                  "curl -s http://127.0.0.1:8080/echo/%s; "
                  "printf 'ho/%s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&3; timeout 3 cat <&3\"",
                  word, slow_word);
    kit_send_bytes(slow, kit_part(request, half, request.length - half));
    kit_when_stuck("the slow client gets no answer to its whole request",
                   "half a request outlives other clients: each has a buffer of its own");
    struct kit_reply *late = kit_read_reply(slow);
    kit_expect_body(late, kit_text(slow_word));
    kit_because("the slow client is answered once its request is whole");
}
END_TEST

START_TEST(many_clients_at_once)
{
    enum { CLIENTS = 32 };
    struct kit_program *server = kit_serve();
    kit_reproduce("bash -c \"for i in {1..32}; do exec {c[i]}<>/dev/tcp/127.0.0.1/8080; "
                  "printf 'GET /echo' >&\\${c[i]}; done; for i in {32..1}; do "
                  "printf '/%%s HTTP/1.0\\r\\n\\r\\n' \\$i >&\\${c[i]}; "
                  "timeout 3 cat <&\\${c[i]}; echo; done\"");
    struct kit_connection **clients = kit_connect_many(server, CLIENTS);
    const char *words[CLIENTS];
    struct kit_bytes requests[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        words[i] = kit_word();
        requests[i] = get_bytes(server, kit_format("/echo/%s", words[i]), "");
        kit_send_bytes(clients[i], kit_part(requests[i], 0, 9));
    }
    // The second halves come in the other order, so that no client is served by its turn.
    for (int i = CLIENTS - 1; i >= 0; i--)
        kit_send_bytes(clients[i], kit_part(requests[i], 9, requests[i].length - 9));
    kit_when_stuck("of 32 clients at once some get no answer",
                   "32 requests come in halves, one among the other: each has its own buffer");
    struct kit_reply **replies = kit_read_replies(clients, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        kit_expect_body(replies[i], kit_text(words[i]));
        kit_because("each of many clients gets the answer to its own request");
    }
}
END_TEST

// ---------------------------------------------------------------- files

START_TEST(text_file_comes_back)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes content = kit_random_text(kit_number(500, 3000));
    kit_write_file(name, content);
    struct kit_reply *reply = kit_get(server, "/files/%s", name);
    kit_expect_status(reply, 200);
    kit_because("/files/{name} is the file of that name in $FILES_DIR; of `lab run`: .lab/files");
    kit_expect_body(reply, content);
    kit_because("the body is the file, byte by byte");
}
END_TEST

START_TEST(binary_file_is_exact)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".bin");
    struct kit_bytes content = kit_random_bytes(kit_number(3000, 9000));
    kit_write_file(name, content);
    struct kit_reply *reply = kit_get(server, "/files/%s", name);
    kit_expect_status(reply, 200);
    kit_expect_body(reply, content);
    kit_because("a file may hold any byte, NUL too: its length is not what strlen() says");
}
END_TEST

START_TEST(type_follows_the_name)
{
    struct kit_program *server = kit_serve();
    const struct {
        const char *ending, *type;
    } kinds[] = {{".txt", "text/plain"}, {".html", "text/html"},
                 {".css", "text/css"},   {".json", "application/json"},
                 {".png", "image/png"},  {"", "application/octet-stream"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *name = file_name(kinds[i].ending);
        if (*kinds[i].ending == '\0')
            kit_suspect("/files/", name, "a name without an ending");
        else
            kit_suspect(
                kit_format("/files/%.*s", (int)(strlen(name) - strlen(kinds[i].ending)), name),
                kinds[i].ending, "the ending");
        kit_write_file(name, kit_text(kit_word()));
        struct kit_reply *reply = kit_get(server, "/files/%s", name);
        kit_expect_status(reply, 200);
        kit_expect_media_type(reply, kinds[i].type);
        kit_because("RFC 9110 8.3: the ending of the name says which type the lesson asks for");
    }
}
END_TEST

START_TEST(missing_file_is_404)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    kit_suspect("/files/", name, "the name of no file");
    struct kit_reply *reply = kit_get(server, "/files/%s", name);
    kit_expect_status(reply, 404);
    kit_because("RFC 9110 15.5.5: there is no file of that name");
}
END_TEST

START_TEST(no_way_out_of_the_folder)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes secret = kit_text(kit_word());
    kit_write_outside(name, secret);
    const char *const ways[] = {"../", "%2e%2e/", "..%2f", "%2E%2E%2F"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        kit_suspect("/files/", ways[i], "the way out of the folder");
        struct kit_reply *reply = kit_get(server, "/files/%s%s", ways[i], name);
        kit_expect_body_lacks(reply, secret);
        kit_because("what lies outside of $FILES_DIR is nobody's business");
        kit_expect_status(reply, 400, 403, 404);
        kit_because("what lies outside of $FILES_DIR is nobody's business");
    }
}
END_TEST

START_TEST(large_file_is_sent_whole)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".bin");
    // More than the kernel ever holds for one connection (4 MiB to be sent, 64 KiB received), and
    // the client does not read before the server has sent what it can: some send() has to fall
    // short.
    struct kit_bytes content = kit_random_bytes(6 << 20);
    kit_write_file(name, content);
    kit_reproduce("head -c 6291456 /dev/urandom >.lab/files/%s; "
                  "curl -s http://127.0.0.1:8080/files/%s | { sleep 1; cmp - .lab/files/%s; }",
                  name, name, name);
    const struct kit_connect_options small = {.receive_buffer = 65536};
    struct kit_connection *client = kit_connect_with(server, &small);
    kit_send(client, "%s", kit_head(server, "GET", kit_format("/files/%s", name), ""));
    kit_wait_until_read(client);
    kit_expect_running(server);
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_body(reply, content);
    kit_because("send() may take a part of a buffer: what is left is sent by the next call");
}
END_TEST

// ---------------------------------------------------------------- post-file

START_TEST(post_creates_the_file)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes content = kit_random_text(kit_number(100, 900));
    kit_suspect("", "POST", "the method");
    struct kit_reply *reply = post(server, name, content);
    kit_expect_status(reply, 201);
    kit_because("RFC 9110 15.3.2: 201 says that the request has made something new");
    suspect_what_differs();
    kit_expect_file(name, content);
    kit_because("the body becomes the file $FILES_DIR/{name}");
}
END_TEST

START_TEST(binary_body_is_stored_whole)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".bin");
    // NULs and empty lines early in the body: neither ends it.
    struct kit_bytes start = kit_text(kit_format("%s\r\n\r\n%s", kit_word(), kit_word()));
    struct kit_bytes body =
        kit_join(kit_join(start, (struct kit_bytes){(const unsigned char *)"", 1}),
                 kit_random_bytes(kit_number(1000, 5000)));
    struct kit_reply *reply = post(server, name, body);
    kit_expect_status(reply, 201);
    kit_because("RFC 9112 6.3: the body is as long as Content-Length says, whatever is in it");
    kit_expect_file(name, body);
    kit_because("RFC 9112 6.3: the body is as long as Content-Length says, whatever is in it");
}
END_TEST

START_TEST(body_in_small_pieces_is_stored_whole)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes content = kit_random_text(kit_number(200, 400));
    struct kit_connection *client = kit_connect(server);
    const char *head = kit_head(server, "POST", kit_format("/files/%s", name),
                                kit_format("Content-Length: %zu\r\n", content.length));
    // The first piece ends inside the body, so that head and body share a packet.
    const char *first = kit_format("%s%.*s", head, 5, (const char *)content.data);
    kit_send_in_pieces(client, kit_text(first), strlen(first));
    kit_send_in_pieces(client, kit_part(content, 5, content.length - 5), 17);
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 201);
    kit_because("a body comes in as many pieces as the network likes");
    kit_expect_file(name, content);
    kit_because("a body comes in as many pieces as the network likes");
}
END_TEST

START_TEST(empty_body_makes_an_empty_file)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    kit_suspect("Content-Length: ", "0", "a body of no bytes");
    struct kit_reply *reply = kit_request(server, "POST", kit_format("/files/%s", name),
                                          "Content-Length: 0\r\n", nothing);
    kit_expect_status(reply, 201);
    kit_because("a body of no bytes is a body");
    kit_expect_file(name, nothing);
    kit_because("a body of no bytes is a body");
}
END_TEST

START_TEST(second_post_replaces_the_file)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    kit_reproduce("curl -i --data-binary 'the first, which is longer' "
                  "http://127.0.0.1:8080/files/%s; "
                  "curl -i --data-binary 'the second' http://127.0.0.1:8080/files/%s; "
                  "cat .lab/files/%s",
                  name, name, name);
    struct kit_bytes shorter = kit_random_text(kit_number(50, 90));
    kit_expect_status(post(server, name, kit_random_text(kit_number(200, 300))), 201);
    kit_because("RFC 9110 15.3.2: 201 says that the request has made something new");
    kit_expect_status(post(server, name, shorter), 200, 201, 204);
    kit_because("RFC 9110 9.3.3: storing over an old file is a success too");
    kit_expect_file(name, shorter);
    kit_because("the new body takes the place of the old one, all of it");
}
END_TEST

START_TEST(expect_100_continue_is_answered)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes content = kit_random_text(kit_number(100, 300));
    struct kit_connection *client = kit_connect(server);
    kit_send(
        client, "%s",
        kit_head(server, "POST", kit_format("/files/%s", name),
                 kit_format("Content-Length: %zu\r\nExpect: 100-continue\r\n", content.length)));
    kit_suspect("Expect: ", "100-continue", "the client waits for 100 before it sends the body");
    kit_when_stuck("the client waits for 100 Continue before it sends the body, and gets no answer",
                   "RFC 9110 10.1.1: the client holds its body back until it is told to go on");
    struct kit_reply *interim = kit_read_interim_reply(client);
    kit_expect_status(interim, 100);
    kit_because("RFC 9110 10.1.1: the client holds its body back until it is told to go on");
    suspect_what_differs();
    kit_send_bytes(client, content);
    kit_expect_status(kit_read_reply(client), 201);
    kit_because("RFC 9110 10.1.1: the final answer follows the body");
    kit_expect_file(name, content);
    kit_because("the body becomes the file $FILES_DIR/{name}");
}
END_TEST

// ---------------------------------------------------------------- keep-alive

static void expect_echo(struct kit_connection *client, const char *word)
{
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 200);
    kit_expect_body(reply, kit_text(word));
}

START_TEST(second_request_on_the_same_connection)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    for (int i = 0; i < 3; i++) {
        const char *word = kit_word();
        kit_when_stuck("the connection stays open, but a request on it gets no answer",
                       "RFC 9112 9.3: a connection stays open for the next request");
        kit_send(client, "%s", kit_head(server, "GET", kit_format("/echo/%s", word), ""));
        expect_echo(client, word);
        kit_because("RFC 9112 9.3: a connection stays open for the next request");
    }
}
END_TEST

START_TEST(pipelined_requests_are_answered_in_order)
{
    struct kit_program *server = kit_serve();
    const char *words[] = {kit_word(), kit_word(), kit_word()};
    const char *requests = "";
    const char *before[3]; // what stands before each of them
    for (size_t i = 0; i < 3; i++) {
        before[i] = requests;
        requests = kit_format("%s%s", requests,
                              kit_head(server, "GET", kit_format("/echo/%s", words[i]), ""));
    }
    struct kit_connection *client = kit_connect(server);
    kit_send_bytes(client, kit_text(requests));
    for (size_t i = 0; i < 3; i++) {
        kit_suspect(before[i], "GET",
                    i == 0 ? "the first request" : "here the next request begins");
        expect_echo(client, words[i]);
        kit_because("RFC 9112 9.3.2: a client may send its next requests before the first answer");
    }
}
END_TEST

START_TEST(connection_close_is_honoured)
{
    struct kit_program *server = kit_serve();
    const struct {
        const char *before, *bytes, *behind; // the bytes are what is special about it
        const char *what;
    } fields[] = {
        {"Connection: ", "close", "", "the client asks to close the connection"},
        {"Connection: ", "C", "lose", "in other letters"},
        {"connection: ", "foo, ", "close", "a list of two"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const char *word = kit_word();
        kit_when_stuck(NULL, NULL);
        struct kit_connection *client = kit_connect(server);
        const char *field =
            kit_format("%s%s%s\r\n", fields[i].before, fields[i].bytes, fields[i].behind);
        kit_send(client, "%s", kit_head(server, "GET", kit_format("/echo/%s", word), field));
        expect_echo(client, word);
        kit_because("RFC 9112 9.6: the request is answered before the connection is closed");
        kit_suspect(fields[i].before, fields[i].bytes, fields[i].what);
        kit_when_stuck("the request says to close the connection, and it stays open",
                       "RFC 9112 9.6: the server closes after the answer when it was asked to");
        kit_expect_closed(client);
        kit_because("RFC 9112 9.6: the server closes after the answer when it was asked to");
    }
}
END_TEST

START_TEST(get_after_head)
{
    struct kit_program *server = kit_serve();
    const char *word = kit_word();
    const char *path = kit_format("/echo/%s", word);
    struct kit_connection *client = kit_connect(server);
    kit_suspect("", "HEAD", "the method");
    kit_send(client, "%s", kit_head(server, "HEAD", path, ""));
    kit_expect_status(kit_read_head_reply(client), 200);
    kit_send(client, "%s", kit_head(server, "GET", path, ""));
    expect_echo(client, word);
    kit_because("RFC 9112 6.3: behind the head of an answer to HEAD comes the next answer");
}
END_TEST

START_TEST(body_is_not_the_next_request)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    const char *word = kit_word();
    const char *body = kit_head(server, "GET", kit_format("/echo/%s", kit_word()), "");
    const char *post_head = kit_head(server, "POST", kit_format("/files/%s", name),
                                     kit_format("Content-Length: %zu\r\n", strlen(body)));
    const char *get_head = kit_head(server, "GET", kit_format("/echo/%s", word), "");
    struct kit_connection *client = kit_connect(server);
    kit_suspect("\r\n\r\n", "GET", "here the body begins");
    kit_send(client, "%s%s%s", post_head, body, get_head);
    kit_expect_status(kit_read_reply(client), 201);
    kit_because("RFC 9112 6.3: Content-Length says which bytes are body");
    kit_suspect(body, "GET", "here the next request begins");
    expect_echo(client, word);
    kit_because("RFC 9112 9.3: the next request begins behind the body");
    suspect_what_differs();
    kit_expect_file(name, kit_text(body));
    kit_because("RFC 9112 6.3: Content-Length says which bytes are body");
}
END_TEST

START_TEST(http_1_0_closes)
{
    struct kit_program *server = kit_serve();
    const char *word = kit_word();
    struct kit_connection *client = kit_connect(server);
    kit_suspect("HTTP/1.", "0", "the version");
    kit_send(client, "GET /echo/%s HTTP/1.0\r\n\r\n", word);
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_body(reply, kit_text(word));
    kit_because("RFC 9110 2.5: a client of version 1.0 is served too, it need not send Host");
    kit_when_stuck("a client of HTTP/1.0 was answered, and the connection stays open",
                   "RFC 9112 9.3: a client of version 1.0 did not ask to keep the connection");
    kit_expect_closed(client);
    kit_because("RFC 9112 9.3: a client of version 1.0 did not ask to keep the connection");
}
END_TEST

// ---------------------------------------------------------------- bad-requests

START_TEST(garbage_is_refused)
{
    struct kit_program *server = kit_serve();
    const char *word = kit_word();
    kit_suspect("", word, "no request line");
    struct kit_reply *reply = answer_or_close(server, kit_format("%s\r\n\r\n", word));
    if (reply != NULL) {
        kit_expect_status(reply, 400);
        kit_because("RFC 9112 3: what is no request line is answered with 400, or not at all");
    }
    kit_expect_running(server);
    kit_because("a wrong request is the client's mistake: the server goes on");
}
END_TEST

START_TEST(missing_host_is_400)
{
    struct kit_program *server = kit_serve();
    const char *request = kit_format("GET /echo/%s HTTP/1.1\r\n\r\n", kit_word());
    suspect_end_of_head("HTTP/1.1", "no Host up to here");
    kit_expect_status(answer_to(server, request), 400);
    kit_because("RFC 9112 3.2: a request of HTTP/1.1 without Host MUST get 400");
}
END_TEST

START_TEST(two_different_hosts_are_400)
{
    struct kit_program *server = kit_serve();
    const char *first = kit_word();
    const char *request = kit_format("GET /echo/%s HTTP/1.1\r\nHost: %s\r\nHost: %s\r\n\r\n",
                                     kit_word(), first, kit_word());
    kit_suspect(kit_format("%s\r\n", first), "Host", "a second Host");
    kit_expect_status(answer_to(server, request), 400);
    kit_because("RFC 9112 3.2: a request with more than one Host MUST get 400");
}
END_TEST

START_TEST(blank_before_colon_is_400)
{
    struct kit_program *server = kit_serve();
    kit_suspect("X-Fruit", " ", "the blank before the colon");
    struct kit_reply *reply = kit_request(server, "GET", kit_format("/echo/%s", kit_word()),
                                          kit_format("X-Fruit : %s\r\n", kit_word()), nothing);
    kit_expect_status(reply, 400);
    kit_because("RFC 9112 5.1: a blank between name and colon MUST get 400");
}
END_TEST

START_TEST(wrong_method_is_405_with_allow)
{
    struct kit_program *server = kit_serve();
    kit_suspect("", "DELETE", "the method");
    struct kit_reply *reply =
        kit_request(server, "DELETE", kit_format("/echo/%s", kit_word()), "", nothing);
    kit_expect_status(reply, 405);
    kit_because("RFC 9110 15.5.6: the method is known, but this path does not have it");
    kit_expect_field_lists(reply, "Allow", "GET");
    kit_because("RFC 9110 15.5.6: a 405 MUST say in Allow which methods the path has");
}
END_TEST

START_TEST(unknown_method_is_501)
{
    struct kit_program *server = kit_serve();
    kit_suspect("", "BREW", "the method");
    struct kit_reply *reply =
        kit_request(server, "BREW", kit_format("/echo/%s", kit_word()), "", nothing);
    kit_expect_status(reply, 501, 405);
    kit_because("RFC 9110 9.1: a method that the server does not know is answered with 501");
}
END_TEST

START_TEST(unknown_version_is_505)
{
    struct kit_program *server = kit_serve();
    const char *const versions[] = {"HTTP/9.9", "HTTP/2.0"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const char *request =
            kit_format("GET /echo/%s %s\r\nHost: 127.0.0.1\r\n\r\n", kit_word(), versions[i]);
        const char *major = kit_format("%c", versions[i][strlen("HTTP/")]);
        kit_suspect(" HTTP/", major, "the version");
        kit_expect_status(answer_to(server, request), 505);
        kit_because("RFC 9110 15.6.6: a major version that the server does not speak gets 505");
    }
}
END_TEST

// A POST with these fields as they are: kit_request would add a right Content-Length of its own.
static struct kit_reply *post_with(struct kit_program *server, const char *fields, const char *body)
{
    const char *path = kit_format("/files/%s", file_name(".txt"));
    return answer_to(server, kit_format("%s%s", kit_head(server, "POST", path, fields), body));
}

START_TEST(lengths_that_disagree_are_400)
{
    struct kit_program *server = kit_serve();
    kit_suspect("Content-Length: 3\r\nContent-Length: ", "4", "another length");
    struct kit_reply *reply =
        post_with(server, "Content-Length: 3\r\nContent-Length: 4\r\n", "abcd");
    kit_expect_status(reply, 400);
    kit_because("RFC 9112 6.3: two lengths that differ hide a request in a body: 400 and close");
}
END_TEST

START_TEST(length_that_is_no_number_is_400)
{
    struct kit_program *server = kit_serve();
    const char *const lengths[] = {"-1", "+3", "abc", "3z"};
    const char *const wrong[] = {"-", "+", "abc", "z"}; // of it
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const char *field = kit_format("Content-Length: %s\r\n", lengths[i]);
        const char *before = lengths[i][0] == '3' ? "Content-Length: 3" : "Content-Length: ";
        kit_suspect(before, wrong[i], "no digit");
        kit_expect_status(post_with(server, field, "abc"), 400);
        kit_because("RFC 9110 8.6: Content-Length is digits and nothing else");
    }
}
END_TEST

START_TEST(length_beyond_64_bits_is_400)
{
    struct kit_program *server = kit_serve();
    const char *const lengths[] = {"18446744073709551616", "18446744073709551619"};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const char *field = kit_format("Content-Length: %s\r\n", lengths[i]);
        kit_suspect("Content-Length: ", lengths[i], "more than 64 bits hold");
        kit_expect_status(post_with(server, field, "abc"), 400, 413);
        kit_because("RFC 9110 8.6: a recipient MUST guard against numbers that overflow");
    }
}
END_TEST

START_TEST(length_with_chunked_is_refused)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_connection *client = kit_connect(server);
    kit_suspect("Transfer-Encoding: ", "chunked", "two ways to say where the body ends");
    kit_send(client, "%s3\r\nabc\r\n0\r\n\r\n",
             kit_head(server, "POST", kit_format("/files/%s", name),
                      "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"));
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 400, 200, 201, 204);
    kit_because("RFC 9112 6.1: refused, or read as chunked");
    if (reply->status != 400) {
        kit_expect_file(name, kit_text("abc"));
        kit_because("RFC 9112 6.3: Transfer-Encoding overrides Content-Length");
    }
    kit_expect_closed(client);
    kit_because("RFC 9112 6.1: after such a request the server MUST close the connection");
}
END_TEST

START_TEST(unknown_transfer_coding_is_refused)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    kit_suspect("Transfer-Encoding: ", "gzip", "an unknown transfer coding");
    struct kit_reply *reply =
        answer_to(server, kit_head(server, "POST", kit_format("/files/%s", name),
                                   "Transfer-Encoding: gzip\r\n"));
    kit_expect_status(reply, 501, 400);
    kit_because("RFC 9112 6.1: a transfer coding that the server does not know gets 501");
}
END_TEST

START_TEST(too_large_body_is_413)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".bin");
    // The body is announced and held back: whoever waits for it is stuck.
    kit_when_stuck("a body of more than 8 MiB is announced, and the server waits for it",
                   "RFC 9110 15.5.14: more than 8 MiB is refused before the body is read");
    const char *length = kit_format("%d", (int)kit_number(9000000, 90000000));
    kit_suspect("Content-Length: ", length, "more than 8 MiB");
    struct kit_reply *reply =
        answer_to(server, kit_head(server, "POST", kit_format("/files/%s", name),
                                   kit_format("Content-Length: %s\r\n", length)));
    kit_expect_status(reply, 413);
    kit_because("RFC 9110 15.5.14: more than 8 MiB is refused before the body is read");
}
END_TEST

enum { head_most = 32 * 1024 }; // bytes of a head that the lesson asks a server to read

START_TEST(too_large_head_is_431)
{
    struct kit_program *server = kit_serve();
    const char *head =
        kit_head(server, "GET", "/", kit_format("X-Long: %s\r\n", kit_random_letters(40000)));
    kit_reproduce("curl -i -m 3 -H \"X-Long: $(seq -s x 9000)\" "
                  "http://127.0.0.1:8080/");
    struct kit_connection *client = kit_connect(server);
    kit_suspect_at(client, head_most, 1, "the first byte too many");
    kit_send_until_answer(client, kit_text(head));
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 431, 400);
    kit_because("RFC 6585 5: 431 says that the head is larger than the server reads (32 KiB here)");
    if (reply->status == 400)
        kit_note("400 is accepted; 431 (RFC 6585 5) tells the client what is wrong");
}
END_TEST

START_TEST(too_long_target_is_414)
{
    struct kit_program *server = kit_serve();
    const char *head =
        kit_head(server, "GET", kit_format("/echo/%s", kit_random_letters(100000)), "");
    kit_reproduce("curl -i -m 3 \"http://127.0.0.1:8080/echo/$(seq -s x 20000)\"");
    struct kit_connection *client = kit_connect(server);
    kit_suspect_at(client, head_most, 1, "the first byte too many");
    kit_send_until_answer(client, kit_text(head));
    kit_expect_status(kit_read_reply(client), 414, 431, 400);
    kit_because("RFC 9112 3: a target longer than the server reads gets 414");
}
END_TEST

START_TEST(server_goes_on_after_bad_requests)
{
    struct kit_program *server = kit_serve();
    const char *first = kit_format("%s %s", kit_word(), kit_word());
    kit_suspect("", first, "no request line");
    answer_or_close(server, kit_format("%s\r\n\r\n", first));
    kit_suspect("HTTP/1.1\r\n", ":", "a field without a name");
    answer_or_close(server, kit_format("GET %s HTTP/1.1\r\n:\r\n\r\n", kit_word()));
    const char *word = kit_word();
    kit_expect_body(kit_get(server, "/echo/%s", word), kit_text(word));
    kit_because("one client's mistake costs the next client nothing");
}
END_TEST

// ---------------------------------------------------------------- chunked

static const char *chunked_head(struct kit_program *server, const char *name)
{
    return kit_head(server, "POST", kit_format("/files/%s", name),
                    "Transfer-Encoding: chunked\r\n");
}

START_TEST(chunked_body_is_stored)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".bin");
    struct kit_bytes content = kit_random_bytes(kit_number(2000, 4000));
    kit_reproduce("head -c %zu /dev/urandom >.lab/body; "
                  "curl -i -H 'Transfer-Encoding: chunked' --data-binary @.lab/body "
                  "http://127.0.0.1:8080/files/%s; cmp .lab/body .lab/files/%s",
                  content.length, name, name);
    struct kit_connection *client = kit_connect(server);
    kit_suspect("Transfer-Encoding: ", "chunked", "the body comes in chunks");
    kit_send(client, "%s", chunked_head(server, name));
    for (size_t at = 0; at < content.length;) {
        size_t size = kit_number(1, 700);
        if (size > content.length - at)
            size = content.length - at;
        kit_send(client, "%zx\r\n", size);
        kit_send_bytes(client, kit_part(content, at, size));
        kit_send(client, "\r\n");
        at += size;
    }
    kit_send(client, "0\r\n\r\n");
    kit_expect_status(kit_read_reply(client), 201);
    kit_because("RFC 9112 7.1: a recipient MUST be able to read the chunked coding");
    suspect_what_differs();
    kit_expect_file(name, content);
    kit_because("RFC 9112 7.1: the body is the data of the chunks, without sizes and line ends");
}
END_TEST

START_TEST(sizes_are_hexadecimal)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes a = kit_random_text(26);
    struct kit_bytes b = kit_random_text(10);
    struct kit_connection *client = kit_connect(server);
    kit_suspect("\r\n\r\n1", "A", "a hexadecimal digit");
    kit_send(client, "%s1A\r\n%.26s\r\n1a\r\n%.26s\r\n00A\r\n%.10s\r\n0\r\n\r\n",
             chunked_head(server, name), (const char *)a.data, (const char *)a.data,
             (const char *)b.data);
    kit_expect_status(kit_read_reply(client), 201);
    kit_because("RFC 9112 7.1: a chunk's size is hexadecimal, in either letter case");
    kit_expect_file(name, kit_text(kit_format("%.26s%.26s%.10s", (const char *)a.data,
                                              (const char *)a.data, (const char *)b.data)));
    kit_because("RFC 9112 7.1: a chunk's size is hexadecimal, in either letter case");
}
END_TEST

START_TEST(extensions_and_trailers_are_skipped)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    const char *word = kit_word();
    struct kit_connection *client = kit_connect(server);
    const char *size = kit_format("%zx", strlen(word));
    kit_suspect(kit_format("\r\n\r\n%s", size), ";", "a chunk extension");
    kit_send(client, "%s%s;%s=1\r\n%s\r\n0\r\nX-%s: 1\r\n\r\n", chunked_head(server, name), size,
             kit_word(), word, kit_word());
    kit_expect_status(kit_read_reply(client), 201);
    kit_because("RFC 9112 7.1.1: a recipient MUST ignore chunk extensions that it does not know");
    suspect_what_differs();
    kit_expect_file(name, kit_text(word));
    kit_because("RFC 9112 7.1.2: trailer fields behind the last chunk are no part of the body");
    kit_suspect("\r\n0\r\n", "X", "a trailer field");
    kit_send(client, "%s", kit_head(server, "GET", kit_format("/echo/%s", word), ""));
    expect_echo(client, word);
    kit_because("RFC 9112 7.1.2: the empty line behind the trailers ends the request");
}
END_TEST

START_TEST(chunks_in_small_pieces_are_read_whole)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    const char *a = kit_word();
    const char *b = kit_word();
    const char *body =
        kit_format("%zx\r\n%s\r\n%zx\r\n%s\r\n0\r\n\r\n", strlen(a), a, strlen(b), b);
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "%s", chunked_head(server, name));
    kit_send_in_pieces(client, kit_text(body), 1);
    kit_expect_status(kit_read_reply(client), 201);
    kit_because("a chunk's size and its line end may come in different packets");
    kit_expect_file(name, kit_text(kit_format("%s%s", a, b)));
    kit_because("a chunk's size and its line end may come in different packets");
}
END_TEST

START_TEST(next_request_follows_the_last_chunk)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    const char *content = kit_word();
    const char *word = kit_word();
    struct kit_connection *client = kit_connect(server);
    kit_suspect(kit_format("%s\r\n0\r\n", content), "\r\n", "here the body ends");
    kit_send(client, "%s%zx\r\n%s\r\n0\r\n\r\n%s", chunked_head(server, name), strlen(content),
             content, kit_head(server, "GET", kit_format("/echo/%s", word), ""));
    kit_expect_status(kit_read_reply(client), 201);
    expect_echo(client, word);
    kit_because("RFC 9112 7.1: the empty line behind the last chunk ends the request");
}
END_TEST

START_TEST(bad_chunk_is_400)
{
    struct kit_program *server = kit_serve();
    const char *const bodies[] = {"zz\r\nabc\r\n0\r\n\r\n", "3\r\nabcdef\r\n0\r\n\r\n"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        if (i == 0)
            kit_suspect("\r\n\r\n", "zz", "no hexadecimal size");
        else
            kit_suspect("\r\n3\r\nabc", "d", "here the chunk's line end should stand");
        const char *head = chunked_head(server, file_name(".txt"));
        kit_expect_status(answer_to(server, kit_format("%s%s", head, bodies[i])), 400);
        kit_because("RFC 9112 7.1: what is no hexadecimal size, or data without its end, gets 400");
    }
    const char *head = chunked_head(server, file_name(".txt"));
    kit_suspect("\r\n\r\n", "fffffffffffffffff", "more than 64 bits hold");
    const char *request = kit_format("%sfffffffffffffffff\r\nabc\r\n0\r\n\r\n", head);
    kit_expect_status(answer_to(server, request), 400, 413);
    kit_because("RFC 9112 7.1: a recipient MUST guard against sizes that overflow");
}
END_TEST

// ---------------------------------------------------------------- gzip

START_TEST(text_is_compressed_when_asked)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes content = kit_random_text(kit_number(4000, 9000));
    kit_write_file(name, content);
    kit_suspect("Accept-Encoding: ", "gzip", "the client accepts gzip");
    struct kit_reply *reply = kit_request(server, "GET", kit_format("/files/%s", name),
                                          "Accept-Encoding: gzip\r\n", nothing);
    kit_expect_status(reply, 200);
    kit_expect_field(reply, "Content-Encoding", "gzip");
    kit_because("RFC 9110 8.4: the lesson asks for gzip where the client accepts it");
    kit_expect_equal("the unpacked body", kit_gunzip(reply), content);
    kit_because("RFC 9110 8.4.1: unpacked, the body is the file again");
}
END_TEST

START_TEST(plain_when_not_asked)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes content = kit_random_text(kit_number(4000, 9000));
    kit_write_file(name, content);
    kit_suspect("\r\n", "\r\n", "no Accept-Encoding up to here");
    struct kit_reply *reply = kit_get(server, "/files/%s", name);
    kit_expect_no_field(reply, "Content-Encoding");
    kit_because("a client that does not ask for gzip may not be able to unpack it");
    kit_expect_body(reply, content);
    kit_because("the body is the file, byte by byte");
}
END_TEST

START_TEST(q_zero_means_no)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes content = kit_random_text(kit_number(4000, 9000));
    kit_write_file(name, content);
    const char *const fields[] = {"Accept-Encoding: gzip;q=0\r\n",
                                  "Accept-Encoding: identity, gzip;q=0.0\r\n"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        kit_suspect("gzip;q=", i == 0 ? "0" : "0.0", "the weight");
        struct kit_reply *reply =
            kit_request(server, "GET", kit_format("/files/%s", name), fields[i], nothing);
        kit_expect_no_field(reply, "Content-Encoding");
        kit_because("RFC 9110 12.4.2: a weight of 0 says `not acceptable`");
        kit_expect_body(reply, content);
        kit_because("the body is the file, byte by byte");
    }
}
END_TEST

START_TEST(curl_gets_the_file)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_bytes content = kit_random_text(kit_number(4000, 9000));
    kit_write_file(name, content);
    kit_suspect("Accept-Encoding: ", "gzip", "the client accepts gzip");
    struct kit_reply *reply =
        kit_curl_get(server, kit_format("/files/%s", name), "Accept-Encoding: gzip\r\n");
    kit_expect_status(reply, 200);
    kit_expect_equal("what curl hands to its user", reply->body, content);
    kit_because("a real client unpacks the body and finds the file in it");
}
END_TEST

// ---------------------------------------------------------------- ranges

// Asks for a range of a fresh file of the given length and expects bytes first to last of it.
static void expect_range(struct kit_program *server, struct kit_bytes content, const char *range,
                         size_t first, size_t last)
{
    const char *name = file_name(".bin");
    kit_write_file(name, content);
    struct kit_reply *reply = kit_request(server, "GET", kit_format("/files/%s", name),
                                          kit_format("Range: bytes=%s\r\n", range), nothing);
    kit_expect_status(reply, 206);
    kit_because("RFC 9110 15.3.7: 206 says that this is a part");
    kit_expect_field(reply, "Content-Range", "bytes %zu-%zu/%zu", first, last, content.length);
    kit_because("RFC 9110 14.4: Content-Range says which part, and of how many bytes");
    kit_expect_body(reply, kit_part(content, first, last - first + 1));
}

START_TEST(first_and_last_byte)
{
    struct kit_program *server = kit_serve();
    size_t length = kit_number(2000, 4000);
    size_t first = kit_number(100, 900);
    size_t last = kit_number(1000, 1900);
    kit_suspect(kit_format("bytes=%zu-", first), kit_format("%zu", last),
                "the last byte of the range");
    expect_range(server, kit_random_bytes(length), kit_format("%zu-%zu", first, last), first, last);
    kit_because("RFC 9110 14.1.2: both bytes that a range names belong to it");
}
END_TEST

START_TEST(open_end)
{
    struct kit_program *server = kit_serve();
    size_t length = kit_number(2000, 4000);
    size_t first = kit_number(100, 1900);
    kit_suspect(kit_format("bytes=%zu", first), "-", "no last byte behind it");
    expect_range(server, kit_random_bytes(length), kit_format("%zu-", first), first, length - 1);
    kit_because("RFC 9110 14.1.2: without a last byte the range goes to the end");
}
END_TEST

START_TEST(suffix)
{
    struct kit_program *server = kit_serve();
    size_t length = kit_number(2000, 4000);
    size_t tail = kit_number(100, 1900);
    kit_suspect("bytes=", "-", "no first byte before it");
    expect_range(server, kit_random_bytes(length), kit_format("-%zu", tail), length - tail,
                 length - 1);
    kit_because("RFC 9110 14.1.2: -n asks for the last n bytes");
}
END_TEST

START_TEST(end_past_the_end_is_cut)
{
    struct kit_program *server = kit_serve();
    size_t length = kit_number(2000, 4000);
    size_t first = kit_number(100, 1900);
    kit_suspect(kit_format("bytes=%zu-", first), kit_format("%zu", length + 500),
                "past the end of the file");
    expect_range(server, kit_random_bytes(length), kit_format("%zu-%zu", first, length + 500),
                 first, length - 1);
    kit_because("RFC 9110 14.1.2: a last byte past the end means the end");
}
END_TEST

START_TEST(start_past_the_end_is_416)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".bin");
    size_t length = kit_number(200, 400);
    kit_write_file(name, kit_random_bytes(length));
    const char *first = kit_format("%zu", length + (size_t)kit_number(0, 50));
    kit_suspect("bytes=", first, kit_format("the file has %zu bytes, numbered from 0", length));
    struct kit_reply *reply = kit_request(server, "GET", kit_format("/files/%s", name),
                                          kit_format("Range: bytes=%s-\r\n", first), nothing);
    kit_expect_status(reply, 416);
    kit_because("RFC 9110 15.5.17: the file has no byte of that range");
    if (kit_field(reply, "Content-Range") == NULL)
        kit_note("a 416 should say in Content-Range how long the file is (RFC 9110 15.5.17)");
}
END_TEST

START_TEST(other_units_are_ignored)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".bin");
    struct kit_bytes content = kit_random_bytes(kit_number(200, 400));
    kit_write_file(name, content);
    kit_suspect("Range: ", "lines", "an unknown unit");
    struct kit_reply *reply =
        kit_request(server, "GET", kit_format("/files/%s", name), "Range: lines=1-2\r\n", nothing);
    kit_expect_status(reply, 200);
    kit_because("RFC 9110 14.2: a range in units that the server does not know MUST be ignored");
    kit_expect_body(reply, content);
    kit_because("RFC 9110 14.2: the whole file is sent then");
}
END_TEST

// ---------------------------------------------------------------- slow-clients

// The client's last words were an unfinished request: 408, or the connection ends.
static void expect_time_out(struct kit_connection *client)
{
    kit_when_stuck("a client that sends half a request is not given up after 300 ms",
                   "after $REQUEST_TIMEOUT_MS a half request is given up: the client may be gone");
    struct kit_reply *reply = kit_read_reply_or_close(client);
    if (reply != NULL) {
        kit_expect_status(reply, 408);
        kit_because("RFC 9110 15.5.9: 408 says that the request took too long");
        kit_expect_closed(client);
    }
}

START_TEST(stalled_request_is_timed_out)
{
    kit_environment("REQUEST_TIMEOUT_MS", "300");
    struct kit_program *server = kit_serve();
    struct kit_connection *in_line = kit_connect(server);
    kit_send(in_line, "GET /echo/%s", kit_word());
    struct kit_connection *in_head = kit_connect(server);
    kit_send(in_head, "GET /echo/%s HTTP/1.1\r\nHo", kit_word());
    expect_time_out(in_line);
    kit_because("after $REQUEST_TIMEOUT_MS a half request is given up: the client may be gone");
    expect_time_out(in_head);
    kit_because("after $REQUEST_TIMEOUT_MS a half request is given up: the client may be gone");
}
END_TEST

START_TEST(stalled_body_is_timed_out)
{
    kit_environment("REQUEST_TIMEOUT_MS", "300");
    struct kit_program *server = kit_serve();
    const char *name = file_name(".txt");
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "%s%s",
             kit_head(server, "POST", kit_format("/files/%s", name), "Content-Length: 100\r\n"),
             kit_word());
    expect_time_out(client);
    kit_because("a body that stops coming is given up after $REQUEST_TIMEOUT_MS too");
}
END_TEST

START_TEST(stalled_reader_blocks_nobody)
{
    struct kit_program *server = kit_serve();
    const char *name = file_name(".bin");
    kit_write_file(name, kit_random_bytes(6 << 20));
    const struct kit_connect_options small = {.receive_buffer = 4096};
    struct kit_connection *stalled = kit_connect_with(server, &small);
    kit_send(stalled, "%s", kit_head(server, "GET", kit_format("/files/%s", name), ""));
    // The server has sent what the kernel takes, and sleeps: now it is in the middle of its answer.
    kit_wait_until_read(stalled);
    kit_expect_running(server);
    const char *word = kit_word();
    kit_when_stuck("the second client gets no answer while the first one does not read its own",
                   "a client that does not read its answer may not hold up the next one");
    kit_expect_body(kit_get(server, "/echo/%s", word), kit_text(word));
    kit_because("a client that does not read its answer may not hold up the next one");
}
END_TEST

// ---------------------------------------------------------------- the list

void kit_checks(void)
{
    KIT_CHECK("listen", accepts_a_connection);
    KIT_CHECK("listen", survives_clients_that_leave);
    KIT_CHECK("status-line", root_is_200);
    KIT_CHECK("status-line", status_line_has_three_parts);
    KIT_CHECK("status-line", head_ends_with_an_empty_line);
    KIT_CHECK("not-found", unknown_path_is_404);
    KIT_CHECK("not-found", longer_name_is_another_path);
    KIT_CHECK("not-found", query_is_no_part_of_the_path);
    KIT_CHECK("echo", text_comes_back);
    KIT_CHECK("echo", content_length_matches_body);
    KIT_CHECK("echo", content_type_is_text_plain);
    KIT_CHECK("echo", percent_encoding_is_decoded);
    KIT_CHECK("echo", plus_stays_a_plus);
    KIT_CHECK("echo", query_is_cut_off);
    KIT_CHECK("headers", user_agent_comes_back);
    KIT_CHECK("headers", names_match_in_any_case);
    KIT_CHECK("headers", blanks_around_values_are_removed);
    KIT_CHECK("headers", missing_user_agent_is_an_empty_body);
    KIT_CHECK("headers", request_in_small_pieces_is_read_whole);
    KIT_CHECK("headers", head_of_8_kib_is_accepted);
    KIT_CHECK("head", head_sends_no_body);
    KIT_CHECK("head", head_has_the_fields_of_get);
    KIT_CHECK("head", head_of_unknown_path_is_404);
    KIT_CHECK("concurrent", second_client_is_answered_while_first_is_idle);
    KIT_CHECK("concurrent", half_a_request_blocks_nobody);
    KIT_CHECK("concurrent", many_clients_at_once);
    KIT_CHECK("files", text_file_comes_back);
    KIT_CHECK("files", binary_file_is_exact);
    KIT_CHECK("files", type_follows_the_name);
    KIT_CHECK("files", missing_file_is_404);
    KIT_CHECK("files", no_way_out_of_the_folder);
    KIT_CHECK("files", large_file_is_sent_whole);
    KIT_CHECK("post-file", post_creates_the_file);
    KIT_CHECK("post-file", binary_body_is_stored_whole);
    KIT_CHECK("post-file", body_in_small_pieces_is_stored_whole);
    KIT_CHECK("post-file", empty_body_makes_an_empty_file);
    KIT_CHECK("post-file", second_post_replaces_the_file);
    KIT_CHECK("post-file", expect_100_continue_is_answered);
    KIT_CHECK("keep-alive", second_request_on_the_same_connection);
    KIT_CHECK("keep-alive", pipelined_requests_are_answered_in_order);
    KIT_CHECK("keep-alive", connection_close_is_honoured);
    KIT_CHECK("keep-alive", get_after_head);
    KIT_CHECK("keep-alive", body_is_not_the_next_request);
    KIT_CHECK("keep-alive", http_1_0_closes);
    KIT_CHECK("bad-requests", unknown_method_is_501);
    KIT_CHECK("bad-requests", wrong_method_is_405_with_allow);
    KIT_CHECK("bad-requests", missing_host_is_400);
    KIT_CHECK("bad-requests", two_different_hosts_are_400);
    KIT_CHECK("bad-requests", unknown_version_is_505);
    KIT_CHECK("bad-requests", garbage_is_refused);
    KIT_CHECK("bad-requests", server_goes_on_after_bad_requests);
    KIT_CHECK("bad-requests", blank_before_colon_is_400);
    KIT_CHECK("bad-requests", length_that_is_no_number_is_400);
    KIT_CHECK("bad-requests", lengths_that_disagree_are_400);
    KIT_CHECK("bad-requests", length_beyond_64_bits_is_400);
    KIT_CHECK("bad-requests", too_large_body_is_413);
    KIT_CHECK("bad-requests", too_large_head_is_431);
    KIT_CHECK("bad-requests", too_long_target_is_414);
    KIT_CHECK("bad-requests", unknown_transfer_coding_is_refused);
    KIT_CHECK("bad-requests", length_with_chunked_is_refused);
    KIT_CHECK("chunked", chunked_body_is_stored);
    KIT_CHECK("chunked", sizes_are_hexadecimal);
    KIT_CHECK("chunked", extensions_and_trailers_are_skipped);
    KIT_CHECK("chunked", chunks_in_small_pieces_are_read_whole);
    KIT_CHECK("chunked", next_request_follows_the_last_chunk);
    KIT_CHECK("chunked", bad_chunk_is_400);
    KIT_CHECK("gzip", text_is_compressed_when_asked);
    KIT_CHECK("gzip", plain_when_not_asked);
    KIT_CHECK("gzip", q_zero_means_no);
    KIT_CHECK("gzip", curl_gets_the_file);
    KIT_CHECK("ranges", first_and_last_byte);
    KIT_CHECK("ranges", open_end);
    KIT_CHECK("ranges", suffix);
    KIT_CHECK("ranges", end_past_the_end_is_cut);
    KIT_CHECK("ranges", start_past_the_end_is_416);
    KIT_CHECK("ranges", other_units_are_ignored);
    KIT_CHECK("slow-clients", stalled_request_is_timed_out, .waits = true);
    KIT_CHECK("slow-clients", stalled_body_is_timed_out, .waits = true);
    KIT_CHECK("slow-clients", stalled_reader_blocks_nobody);
}
