// SPDX-License-Identifier: MIT
/*
 * The grader of http-client. It reads like the lesson: one section a step, one START_TEST a check.
 * Each expectation rests on a sentence of the lesson or on a MUST of RFC 3986, RFC 9110 or RFC
 * 9112, and says on which. An origin keeps its connection open unless a check closes it: a client
 * that waits for the close instead of the end of the answer is stuck.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "kit.h"

enum {
    KIB = 1024,
    MIB = 1024 * 1024,
};

// The exit statuses of the lesson.
enum {
    OK = 0,
    HTTP_ERROR = 1,
    USAGE = 2,
    BAD_URL = 3,
    NOT_RESOLVED = 4,
    NOT_CONNECTED = 5,
    TIMED_OUT = 6,
    MALFORMED = 7,
    CUT_OFF = 8,
    TOO_MANY_REDIRECTS = 9,
    NOT_WRITTEN = 10,
};

// ---------------------------------------------------------------- what several steps share

static int number(int least, int most)
{
    return (int)kit_number((uint64_t)least, (uint64_t)most);
}

static const struct kit_bytes nothing = {NULL, 0};

// Asks an origin, whose script is written, for a page.
static struct kit_program *fetch(struct kit_origin *origin)
{
    return kit_run(kit_url(origin, "/%s", kit_word()));
}

// Asks an origin that gives this answer and keeps the connection open.
static struct kit_program *fetch_answer(const char *answer)
{
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, kit_text(answer));
    return fetch(origin);
}

// Asks an origin that gives this answer and closes.
static struct kit_program *fetch_closed_answer(const char *answer)
{
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, kit_text(answer));
    kit_then_close(origin);
    return fetch(origin);
}

// An answer with status 200, a length, further fields (each with its \r\n) and a body.
static struct kit_bytes answer_with_body(const char *fields, struct kit_bytes body)
{
    const char *head =
        kit_format("HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n", fields, body.length);
    return kit_join(kit_text(head), body);
}

static struct kit_bytes answer_with_text(const char *text)
{
    return answer_with_body("", kit_text(text));
}

// The same in chunks of so many bytes.
static struct kit_bytes answer_in_chunks(const char *fields, struct kit_bytes body, size_t chunk)
{
    const char *head =
        kit_format("HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n", fields);
    return kit_join(kit_text(head), kit_chunked(body, chunk));
}

// An answer without a body.
static void answer_nothing(struct kit_origin *origin)
{
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    kit_then_close(origin);
}

// The whole answer came and is no error.
static void expect_success(struct kit_program *client, struct kit_bytes body, const char *because)
{
    kit_when_stuck("fetch goes on waiting, though the whole answer has come", because);
    kit_expect_exit(client, OK);
    kit_because(because);
    kit_expect_stdout(client, body);
    kit_because(because);
}

static void expect_text(struct kit_program *client, const char *text, const char *because)
{
    expect_success(client, kit_text(text), because);
}

// fetch gives up, with this exit status and one line on stderr.
static void expect_failure(struct kit_program *client, int status, const char *because)
{
    kit_when_stuck("fetch goes on waiting, and never gives up", because);
    kit_expect_exit(client, status);
    kit_because(because);
    kit_expect_error_line(client, NULL);
    kit_because("whoever calls fetch learns why it failed: from one line on stderr");
}

// The same for an answer of which nothing can be used.
static void expect_refusal(struct kit_program *client, int status, const char *because)
{
    expect_failure(client, status, because);
    kit_expect_stdout(client, nothing);
    kit_because("nothing of an answer that cannot be trusted is written to stdout");
}

// ---------------------------------------------------------------- url

static void expect_connection(struct kit_origin *origin)
{
    kit_on_connect(origin);
    kit_then_close(origin);
    kit_wait_for_exit(fetch(origin));
    kit_expect(kit_connection_count(origin) > 0, "no connection came to %s",
               kit_origin_host(origin));
    kit_because("host and port of the URL say where to connect");
}

START_TEST(connects_to_the_port_of_the_url)
{
    expect_connection(kit_origin());
}
END_TEST

START_TEST(ipv6_addresses_stand_in_brackets)
{
    expect_connection(kit_origin_at("::1"));
}
END_TEST

START_TEST(no_url_is_a_wrong_call)
{
    kit_fixed_input("a call without an argument is always the same");
    struct kit_program *client = kit_run_arguments((const char *const[]){NULL});
    expect_failure(client, USAGE, "without a URL there is nothing to do: the exit status is 2");
}
END_TEST

START_TEST(unknown_option_is_a_wrong_call)
{
    const char *option = kit_format("-x%s", kit_word());
    struct kit_program *client = kit_run(option, "http://127.0.0.1/");
    expect_failure(client, USAGE, "fetch has no option but -I: the exit status is 2");
}
END_TEST

static void expect_bad_url(const char *url, const char *because)
{
    struct kit_program *client = kit_run(url);
    expect_failure(client, BAD_URL, because);
}

START_TEST(other_schemes_are_refused)
{
    static const char *const starts[] = {"https://", "ftp://", "//", ""};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        expect_bad_url(kit_format("%s127.0.0.1:%d/%s", starts[i], number(1000, 9999), kit_word()),
                       "fetch speaks HTTP alone: a URL begins with http:// (exit status 3)");
}
END_TEST

START_TEST(url_without_a_host_is_refused)
{
    static const char *const starts[] = {"http:///", "http://?", "http://:8080/"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        expect_bad_url(kit_format("%s%s", starts[i], kit_word()),
                       "RFC 9110 4.2.1: an http URL with an empty host is invalid (exit status 3)");
}
END_TEST

START_TEST(port_is_a_number_up_to_65535)
{
    static const char *const ports[] = {"65536", "4294967376", "http", "80x", "-80"};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        expect_bad_url(kit_format("http://127.0.0.1:%s/%s", ports[i], kit_word()),
                       "RFC 3986 3.2.3: a port is digits; TCP has 65535 of them (exit status 3)");
}
END_TEST

START_TEST(line_end_in_a_url_is_refused)
{
    struct kit_origin *origin = kit_origin();
    answer_nothing(origin);
    kit_again(origin);
    static const char *const bytes[] = {"\r\n", "\n", " ", "\t"};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
        expect_bad_url(kit_url(origin, "/%s%sX-%s: 1", kit_word(), bytes[i], kit_word()),
                       "RFC 3986 2: no blank and no line end stands in a URL; in a request they "
                       "would end a line (exit status 3)");
    kit_expect_request_count(origin, 0);
    kit_because("such a URL is refused before anything is sent");
}
END_TEST

START_TEST(refused_connection_is_reported)
{
    struct kit_program *client = fetch(kit_origin_refusing());
    expect_failure(client, NOT_CONNECTED, "nobody listens at that port: the exit status is 5");
}
END_TEST

START_TEST(unknown_host_is_reported)
{
    struct kit_program *client = kit_run(kit_format("http://%s.invalid/", kit_word()));
    expect_failure(client, NOT_RESOLVED,
                   "RFC 6761 6.4: no name under .invalid has an address (exit status 4)");
}
END_TEST

// ---------------------------------------------------------------- request

// The request for a URL; only what is sent matters here.
static struct kit_request_read *request_for(struct kit_origin *origin, const char *url)
{
    answer_nothing(origin);
    struct kit_program *client = kit_run(url);
    struct kit_request_read *request = kit_read_request(origin);
    kit_wait_for_exit(client);
    return request;
}

START_TEST(request_asks_for_the_path)
{
    struct kit_origin *origin = kit_origin();
    const char *path = kit_format("/%s/%s", kit_word(), kit_word());
    struct kit_request_read *request = request_for(origin, kit_url(origin, "%s", path));
    kit_expect_method(request, "GET");
    kit_because("RFC 9110 9.3.1: GET asks for what is at the URL");
    kit_expect_target(request, "%s", path);
    kit_because("RFC 9112 3.2.1: the target is the path of the URL");
}
END_TEST

START_TEST(host_is_that_of_the_url)
{
    struct kit_origin *origin = kit_origin();
    struct kit_request_read *request = request_for(origin, kit_url(origin, "/%s", kit_word()));
    kit_expect_request_field(request, "Host", "%s", kit_origin_host(origin));
    kit_because("RFC 9110 7.2: Host is the host of the URL, and its port unless that is 80");
}
END_TEST

START_TEST(host_of_an_ipv6_address_has_brackets)
{
    struct kit_origin *origin = kit_origin_at("::1");
    struct kit_request_read *request = request_for(origin, kit_url(origin, "/%s", kit_word()));
    kit_expect_request_field(request, "Host", "%s", kit_origin_host(origin));
    kit_because("RFC 3986 3.2.2: an IPv6 address stands in brackets, in Host too");
}
END_TEST

START_TEST(empty_path_is_a_slash)
{
    struct kit_origin *origin = kit_origin();
    struct kit_request_read *request = request_for(origin, kit_url(origin, "%s", ""));
    kit_expect_target(request, "/");
    kit_because("RFC 9112 3.2.1: where the URL has no path, the target is /");
    const char *query = kit_word();
    request = request_for(origin, kit_url(origin, "?%s", query));
    kit_expect_target(request, "/?%s", query);
    kit_because("RFC 9112 3.2.1: where the URL has no path, the target is /, then the query");
}
END_TEST

START_TEST(query_is_sent_and_the_fragment_is_not)
{
    struct kit_origin *origin = kit_origin();
    const char *target =
        kit_format("/%s?%s=%s/%s?", kit_word(), kit_word(), kit_word(), kit_word());
    struct kit_request_read *request =
        request_for(origin, kit_url(origin, "%s#%s?%s", target, kit_word(), kit_word()));
    kit_expect_target(request, "%s", target);
    kit_because("RFC 9110 7.1: the target is path and query; the fragment is for the reader alone");
}
END_TEST

START_TEST(percent_encoding_stays)
{
    struct kit_origin *origin = kit_origin();
    const char *target = kit_format("/%s%%2F%s%%20%s+%%25", kit_word(), kit_word(), kit_word());
    struct kit_request_read *request = request_for(origin, kit_url(origin, "%s", target));
    kit_expect_target(request, "%s", target);
    kit_because("the path is sent as it is written: decoding it is the server's business");
}
END_TEST

START_TEST(url_of_8000_bytes_is_sent_whole)
{
    kit_reproduce("%s",
                  "timeout 5 nc -l 8080 >.lab/asked & sleep 1; timeout 3 ./lab run -- "
                  "http://127.0.0.1:8080/$(head -c 7990 /dev/zero | tr '\\0' x); wc -c .lab/asked");
    struct kit_origin *origin = kit_origin();
    const char *target = kit_format("/%s?%s", kit_word(), kit_random_letters(7950));
    struct kit_request_read *request = request_for(origin, kit_url(origin, "%s", target));
    kit_expect(strcmp(request->target, target) == 0,
               "the target has %zu bytes and is not that of the URL, which has %zu",
               strlen(request->target), strlen(target));
    kit_because("RFC 9112 3 recommends 8000 bytes for a request line; the lesson asks for them");
}
END_TEST

START_TEST(scheme_and_host_match_in_any_case)
{
    struct kit_origin *origin = kit_origin();
    const char *word = kit_word();
    const char *url = kit_format("hTTp://%s/%s", kit_origin_host(origin), word);
    struct kit_request_read *request = request_for(origin, url);
    kit_expect_target(request, "/%s", word);
    kit_because("RFC 3986 3.1: HTTP:// and http:// are the same scheme");
}
END_TEST

// ---------------------------------------------------------------- length

START_TEST(body_goes_to_stdout)
{
    const char *text = kit_format("%s %s\n", kit_word(), kit_word());
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_with_text(text));
    struct kit_program *client = fetch(origin);
    expect_text(client, text,
                "RFC 9112 6.3: the body, as long as Content-Length says, goes to stdout, whether "
                "the connection stays open or not");
    kit_expect_no_error_output(client);
    kit_because("stderr is for what went wrong: nothing did");
}
END_TEST

START_TEST(every_byte_value_is_written)
{
    struct kit_bytes body = kit_random_bytes(300);
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_with_body("", body));
    expect_success(fetch(origin), body,
                   "a body is bytes from 0 to 255: a zero byte ends a string of C, not a body");
}
END_TEST

START_TEST(empty_body_is_a_body)
{
    struct kit_origin *origin = kit_origin();
    kit_suspect("Content-Length: ", "0", "the body has no bytes");
    kit_answer(origin, "HTTP/1.1 200 OK\r\nX-Fruit: %s\r\nContent-Length: 0\r\n\r\n", kit_word());
    expect_success(fetch(origin), nothing, "RFC 9112 6.3: a body of length 0 ends where it begins");
}
END_TEST

START_TEST(bytes_behind_the_body_are_no_part_of_it)
{
    struct kit_origin *origin = kit_origin();
    const char *text = kit_word();
    const char *more = kit_word();
    kit_suspect(text, more, "behind the end of the body");
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s%s", strlen(text), text,
               more);
    expect_text(fetch(origin), text,
                "RFC 9112 6.3: Content-Length says how many bytes the body has");
}
END_TEST

START_TEST(answer_in_small_pieces_is_read_whole)
{
    const char *text = kit_format("%s\r\n\r\n%s\n", kit_word(), kit_word());
    struct kit_origin *origin = kit_origin();
    kit_answer_in_pieces(origin, answer_with_text(text), 1);
    expect_text(fetch(origin), text,
                "TCP carries a stream of bytes: one recv() may return any part of an answer");
}
END_TEST

START_TEST(body_that_comes_after_the_head)
{
    const char *text = kit_word();
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", strlen(text));
    kit_then_wait_until_read(origin);
    kit_then_send(origin, "%s", text);
    expect_text(fetch(origin), text,
                "the head may be read before the first byte of the body is sent");
}
END_TEST

START_TEST(body_larger_than_a_buffer)
{
    struct kit_bytes body = kit_random_bytes((size_t)number(300 * KIB, 301 * KIB));
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_with_body("", body));
    expect_success(fetch(origin), body, "a body may be larger than any array of yours");
}
END_TEST

START_TEST(error_status_is_a_failure_with_a_body)
{
    static const int statuses[] = {404, 400, 500, 503};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        const char *text = kit_word();
        kit_suspect("HTTP/1.1 ", kit_format("%d", statuses[i]), "the status");
        struct kit_program *client = fetch_answer(kit_format(
            "HTTP/1.1 %d Sorry\r\nContent-Length: %zu\r\n\r\n%s", statuses[i], strlen(text), text));
        kit_expect_stdout(client, kit_text(text));
        kit_because("the body of an error says what is wrong: it goes to stdout too");
        expect_failure(client, HTTP_ERROR, "RFC 9110 15: 4xx and 5xx are errors (exit status 1)");
    }
}
END_TEST

START_TEST(body_that_is_cut_off_is_reported)
{
    const char *text = kit_word();
    const char *length = kit_format("%zu", strlen(text) + (size_t)number(1, 500));
    kit_suspect("Content-Length: ", length, "so many bytes were promised");
    struct kit_program *client = fetch_closed_answer(
        kit_format("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n%s", length, text));
    expect_failure(client, CUT_OFF,
                   "RFC 9112 8: an answer with fewer bytes than its length is incomplete (exit "
                   "status 8)");
    kit_expect_stdout(client, kit_text(text));
    kit_because("the bytes that did come are written: a download can go on from there");
}
END_TEST

START_TEST(head_that_is_cut_off_is_reported)
{
    const char *const heads[] = {
        "",
        "HTT",
        "HTTP/1.1 200 OK\r\n",
        kit_format("HTTP/1.1 200 OK\r\nX-Fruit: %s\r\n", kit_word()),
        kit_format("HTTP/1.1 200 OK\r\nX-Fruit: %s\r\nContent-Le", kit_word()),
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        expect_refusal(fetch_closed_answer(heads[i]), CUT_OFF,
                       "RFC 9112 8: an answer whose head does not end is incomplete (exit status "
                       "8)");
}
END_TEST

START_TEST(reset_is_a_cut)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", number(1000, 9000),
               kit_word());
    kit_then_wait_until_read(origin);
    kit_then_reset(origin);
    expect_failure(fetch(origin), CUT_OFF,
                   "recv() fails with ECONNRESET: the connection is over, and so is the answer "
                   "(exit status 8)");
}
END_TEST

START_TEST(reader_of_stdout_that_leaves)
{
    kit_reproduce("%s", "(printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 900000\\r\\n\\r\\n'; head "
                        "-c 900000 /dev/zero; sleep 1) | nc -l 8080 >.lab/asked & sleep 1; bash -c "
                        "'./lab run -- http://127.0.0.1:8080/ | head -c 9; echo ${PIPESTATUS[0]}'");
    struct kit_bytes body = kit_random_text(900 * KIB);
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_with_body("", body));
    kit_hold_stdout();
    struct kit_program *client = fetch(origin);
    kit_wait_until_idle(client);
    kit_close_stdout(client);
    expect_failure(client, NOT_WRITTEN,
                   "whoever read stdout has left: write() fails with EPIPE, and SIGPIPE ends a "
                   "program unless it is ignored (exit status 10)");
}
END_TEST

static const char *nginx_file(const char *name, struct kit_bytes content)
{
    FILE *file = fopen(kit_format("%s/%s", kit_service("NGINX_ROOT"), name), "wb");
    if (file == NULL || fwrite(content.data, 1, content.length, file) != content.length ||
        fclose(file) != 0)
        abort(); // no fault of the program
    return name;
}

// What nginx does, for a learner to see without it: an answer, and a connection that stays open.
#define ONE_ANSWER(head, body)                                                                     \
    "(printf 'HTTP/1.1 200 OK\\r\\n" head "\\r\\n\\r\\n'; " body                                   \
    "; sleep 3) | nc -l 8080 >.lab/asked & "                                                       \
    "sleep 1; ./lab run -- http://127.0.0.1:8080/"

static struct kit_program *fetch_nginx(const char *path)
{
    return kit_run(kit_format("%s/%s", kit_service("NGINX_URL"), path));
}

START_TEST(page_of_nginx)
{
    kit_reproduce("%s", ONE_ANSWER("Content-Length: 6", "echo mango"));
    struct kit_bytes body = kit_random_bytes(70 * KIB);
    expect_success(fetch_nginx(nginx_file(kit_word(), body)), body,
                   "nginx is a server as they stand everywhere");
}
END_TEST

// ---------------------------------------------------------------- close-delimited

START_TEST(body_ends_with_the_connection)
{
    const char *text = kit_format("%s\n%s\n", kit_word(), kit_word());
    struct kit_program *client = fetch_closed_answer(
        kit_format("HTTP/1.1 200 OK\r\nX-Fruit: %s\r\n\r\n%s", kit_word(), text));
    expect_text(client, text,
                "RFC 9112 6.3: without a length and without chunks, the body goes on up to the "
                "close");
}
END_TEST

START_TEST(old_version_is_understood)
{
    const char *text = kit_word();
    kit_suspect("HTTP/1.", "0", "the older version");
    struct kit_program *client = fetch_closed_answer(kit_format("HTTP/1.0 200 OK\r\n\r\n%s", text));
    expect_text(client, text, "RFC 9112 2.3: servers of HTTP/1.0 answer too, and mostly like this");
}
END_TEST

START_TEST(nothing_up_to_the_close_is_an_empty_body)
{
    struct kit_program *client =
        fetch_closed_answer(kit_format("HTTP/1.1 200 OK\r\nX-Fruit: %s\r\n\r\n", kit_word()));
    expect_success(client, nothing, "the connection ends behind the head: the body is empty");
}
END_TEST

START_TEST(many_pieces_up_to_the_close)
{
    struct kit_bytes body = kit_random_bytes(2000);
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\n\r\n");
    kit_then_send_in_pieces(origin, body, 100);
    kit_then_close(origin);
    expect_success(fetch(origin), body,
                   "only recv() with the result 0 says that the server has closed");
}
END_TEST

START_TEST(reset_is_no_close)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\n\r\n%s", kit_word());
    kit_then_wait_until_read(origin);
    kit_then_reset(origin);
    expect_failure(fetch(origin), CUT_OFF,
                   "a connection that breaks has not been closed: nobody knows whether the body "
                   "is whole (exit status 8)");
}
END_TEST

// ---------------------------------------------------------------- chunked

static struct kit_program *fetch_chunks(const char *chunks)
{
    return fetch_answer(
        kit_format("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s", chunks));
}

// One chunk, its size written as the format says.
static const char *chunk_of(const char *format, const char *text)
{
    char size[32];
    snprintf(size, sizeof size, format, (unsigned)strlen(text));
    return kit_format("%s\r\n%s\r\n", size, text);
}

START_TEST(chunks_are_joined)
{
    struct kit_bytes body = kit_random_text(900);
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_in_chunks("", body, (size_t)number(100, 300)));
    expect_success(fetch(origin), body,
                   "RFC 9112 7.1: the data of all chunks is the body; a chunk of size 0 and an "
                   "empty line end it");
}
END_TEST

START_TEST(sizes_are_hexadecimal)
{
    const char *text = kit_format("%s/%s", kit_word(), kit_random_letters(200));
    static const char *const formats[] = {"%x", "%X", "000%x"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const char *chunk = chunk_of(formats[i], text);
        kit_suspect("chunked\r\n\r\n", kit_format("%.*s", (int)strcspn(chunk, "\r"), chunk),
                    "the size");
        struct kit_program *client = fetch_chunks(kit_format("%s0\r\n\r\n", chunk));
        expect_text(client, text,
                    "RFC 9112 7.1: the size is a hexadecimal number, in either letter case, zeros "
                    "in front mean nothing");
    }
}
END_TEST

START_TEST(extensions_and_trailers_are_skipped)
{
    const char *a = kit_word();
    const char *b = kit_word();
    const char *note = kit_format(";%s=\"%s\"", kit_random_letters(5), kit_word());
    kit_suspect("", note, "an extension of the chunk");
    struct kit_program *client = fetch_chunks(
        kit_format("%zx%s\r\n%s\r\n%zx\r\n%s\r\n0;last\r\nX-Fruit: %s\r\nX-Sum: 17\r\n\r\n",
                   strlen(a), note, a, strlen(b), b, kit_word()));
    expect_text(client, kit_format("%s%s", a, b),
                "RFC 9112 7.1.1, 7.1.2: extensions behind a size, and fields behind the last "
                "chunk, are no part of the body");
}
END_TEST

START_TEST(chunks_in_small_pieces_are_read_whole)
{
    struct kit_bytes body = kit_random_bytes(90);
    struct kit_origin *origin = kit_origin();
    kit_answer_in_pieces(origin, answer_in_chunks("", body, 31), 1);
    expect_success(fetch(origin), body, "a size, its \\r\\n and the data may each come in pieces");
}
END_TEST

START_TEST(line_ends_in_chunks_are_data)
{
    const char *text = kit_format("%s\r\n0\r\n\r\n%s\r\n", kit_word(), kit_word());
    kit_suspect("", "\r\n0\r\n\r\n", "data of the chunk");
    struct kit_program *client = fetch_chunks(kit_format("%s0\r\n\r\n", chunk_of("%x", text)));
    expect_text(client, text,
                "RFC 9112 7.1: a chunk is as long as its size says, whatever is in it");
}
END_TEST

START_TEST(chunk_larger_than_a_buffer)
{
    struct kit_bytes body = kit_random_bytes((size_t)number(200 * KIB, 201 * KIB));
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_in_chunks("", body, body.length));
    expect_success(fetch(origin), body, "a chunk may be larger than any array of yours");
}
END_TEST

START_TEST(chunked_matches_in_any_case)
{
    const char *text = kit_word();
    kit_suspect("Transfer-Encoding: ", "Chunked", "the coding, with a capital letter");
    struct kit_program *client = fetch_answer(kit_format(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n%s0\r\n\r\n", chunk_of("%x", text)));
    expect_text(client, text, "RFC 9112 7: names of transfer codings match in any letter case");
}
END_TEST

START_TEST(missing_last_chunk_is_a_cut)
{
    const char *text = kit_word();
    const char *const bodies[] = {
        chunk_of("%x", text),
        kit_format("%s1f\r\n%s", chunk_of("%x", text), kit_word()),
        kit_format("%s1", chunk_of("%x", text)),
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct kit_program *client = fetch_closed_answer(
            kit_format("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s", bodies[i]));
        expect_failure(client, CUT_OFF,
                       "RFC 9112 8: without its last chunk, a chunked body is incomplete (exit "
                       "status 8)");
    }
}
END_TEST

START_TEST(chunks_count_more_than_a_length)
{
    const char *text = kit_format("%s-%s", kit_word(), kit_word());
    const char *length = kit_format("%d", number(1, 9));
    kit_suspect("Content-Length: ", length, "a length beside chunks");
    struct kit_program *client = fetch_answer(
        kit_format("HTTP/1.1 200 OK\r\nContent-Length: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "%s0\r\n\r\n",
                   length, chunk_of("%x", text)));
    int status = kit_wait_for_exit(client);
    if (WIFEXITED(status) && WEXITSTATUS(status) == MALFORMED)
        return; // RFC 9112 6.3 lets a client refuse it
    expect_text(
        client, text,
        "RFC 9112 6.3: with both, chunks decide and the length is nothing (exit status 7 is "
        "right too)");
}
END_TEST

START_TEST(chunks_of_nginx)
{
    kit_reproduce("%s", ONE_ANSWER("Transfer-Encoding: chunked",
                                   "printf '6\\r\\nmango\\n\\r\\n0\\r\\n\\r\\n'"));
    struct kit_bytes body = kit_random_text(40 * KIB);
    const char *name = nginx_file(kit_word(), body);
    expect_success(fetch_nginx(kit_format("chunked/%s", name)), body,
                   "nginx sends chunks where it makes a page while sending it");
}
END_TEST

// ---------------------------------------------------------------- head-and-204

// Asks with -I; the origin gives this answer and keeps the connection open.
static struct kit_program *ask_for_head(struct kit_origin *origin, const char *answer)
{
    kit_answer_bytes(origin, kit_text(answer));
    return kit_run("-I", kit_url(origin, "/%s", kit_word()));
}

START_TEST(option_i_asks_with_head)
{
    struct kit_origin *origin = kit_origin();
    struct kit_program *client =
        ask_for_head(origin, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    struct kit_request_read *request = kit_read_request(origin);
    kit_expect_method(request, "HEAD");
    kit_because("RFC 9110 9.3.2: HEAD is GET without the body; fetch -I asks with it");
    expect_success(client, nothing, "the answer to HEAD has no body");
}
END_TEST

START_TEST(head_has_a_length_and_no_body)
{
    const char *length = kit_format("%d", number(10, 9000));
    kit_suspect("Content-Length: ", length, "what GET would bring");
    struct kit_program *client = ask_for_head(
        kit_origin(), kit_format("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n", length));
    expect_success(client, nothing,
                   "RFC 9110 9.3.2: the fields tell of the body that GET would bring; none comes");
}
END_TEST

START_TEST(head_has_chunks_and_no_body)
{
    kit_suspect("Transfer-Encoding: ", "chunked", "what GET would bring");
    struct kit_program *client = ask_for_head(
        kit_origin(), kit_format("HTTP/1.1 200 OK\r\nX-Fruit: %s\r\nTransfer-Encoding: chunked\r\n"
                                 "\r\n",
                                 kit_word()));
    expect_success(client, nothing,
                   "RFC 9112 6.1: the fields tell of the body that GET would bring; none comes");
}
END_TEST

START_TEST(head_of_what_is_not_there_is_a_failure)
{
    struct kit_program *client =
        ask_for_head(kit_origin(), kit_format("HTTP/1.1 404 Not Found\r\nX-Fruit: %s\r\n"
                                              "Content-Length: 9\r\n\r\n",
                                              kit_word()));
    expect_refusal(client, HTTP_ERROR,
                   "the exit status tells whether the page is there: 1 for 404");
}
END_TEST

static void expect_no_body(const char *answer, const char *because)
{
    expect_success(fetch_answer(answer), nothing, because);
}

START_TEST(status_204_has_no_body)
{
    kit_suspect("HTTP/1.1 ", "204", "the status: no content");
    expect_no_body(kit_format("HTTP/1.1 204 No Content\r\nX-Fruit: %s\r\n\r\n", kit_word()),
                   "RFC 9112 6.3: an answer with status 204 ends with its head");
}
END_TEST

START_TEST(status_304_has_no_body)
{
    kit_suspect("HTTP/1.1 ", "304", "the status: not modified");
    expect_no_body(
        kit_format("HTTP/1.1 304 Not Modified\r\nContent-Length: %d\r\n\r\n", number(10, 9000)),
        "RFC 9112 6.3: an answer with status 304 ends with its head, whatever length "
        "it names");
}
END_TEST

START_TEST(interim_answers_are_passed_over)
{
    const char *text = kit_word();
    kit_suspect("HTTP/1.1 ", "103", "the status: not the answer yet");
    struct kit_program *client = fetch_answer(
        kit_format("HTTP/1.1 103 Early Hints\r\nLink: </%s>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
                   "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
                   kit_word(), strlen(text), text));
    expect_text(client, text,
                "RFC 9110 15.2: answers 1xx come before the final one, any number of them");
}
END_TEST

// ---------------------------------------------------------------- redirects

// The next request is sent elsewhere.
static void send_on(struct kit_origin *origin, int status, const char *location)
{
    const char *page = kit_format("<a href=\"%s\">%s</a>", location, kit_word());
    kit_answer(origin, "HTTP/1.1 %d Elsewhere\r\nLocation: %s\r\nContent-Length: %zu\r\n\r\n%s",
               status, location, strlen(page), page);
}

// The program has been sent on once, and asks for what stands there.
static void expect_second_request(struct kit_origin *origin, struct kit_program *client,
                                  const char *target, const char *because)
{
    kit_wait_for_exit(client);
    kit_expect_request_count(origin, 2);
    kit_because(because);
    kit_read_request(origin);
    struct kit_request_read *second = kit_read_request(origin);
    kit_expect_target(second, "%s", target);
    kit_because(because);
}

// Asks for a page that leads elsewhere, and expects what stands there to be asked for.
static void expect_followed(const char *path, const char *location, const char *target,
                            const char *because)
{
    struct kit_origin *origin = kit_origin();
    const char *text = kit_word();
    kit_suspect("Location: ", location, "where the page is");
    send_on(origin, 302, location);
    kit_answer_bytes(origin, answer_with_text(text));
    struct kit_program *client = kit_run(kit_url(origin, "%s", path));
    expect_second_request(origin, client, target, because);
    expect_text(client, text, "the body is that of the page to which the redirects lead");
}

START_TEST(each_kind_of_redirect_is_followed)
{
    static const int statuses[] = {301, 302, 303, 307, 308};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct kit_origin *origin = kit_origin();
        const char *target = kit_format("/%s", kit_word());
        const char *text = kit_word();
        kit_suspect("HTTP/1.1 ", kit_format("%d", statuses[i]), "the status");
        send_on(origin, statuses[i], kit_url(origin, "%s", target));
        kit_answer_bytes(origin, answer_with_text(text));
        struct kit_program *client = fetch(origin);
        expect_second_request(origin, client, target,
                              "RFC 9110 15.4: 301, 302, 303, 307 and 308 with Location lead "
                              "elsewhere");
        kit_suspect("", NULL, NULL);
        expect_text(client, text, "only the body of the last answer is written to stdout");
    }
}
END_TEST

START_TEST(absolute_path_keeps_host_and_port)
{
    const char *target = kit_format("/%s/%s?%s", kit_word(), kit_word(), kit_word());
    expect_followed(kit_format("/%s/%s?x=/y", kit_word(), kit_word()), target, target,
                    "RFC 3986 5.2.2: a reference that begins with / replaces path and query");
}
END_TEST

START_TEST(relative_path_begins_in_the_same_folder)
{
    const char *folder = kit_word();
    const char *name = kit_word();
    expect_followed(kit_format("/%s/%s?x=/y", folder, kit_word()), name,
                    kit_format("/%s/%s", folder, name),
                    "RFC 3986 5.2.3: a relative reference replaces what stands behind the last / "
                    "of the path");
}
END_TEST

START_TEST(dots_in_a_path_are_taken_away)
{
    const char *a = kit_word();
    const char *b = kit_word();
    const char *c = kit_word();
    const char *because = "RFC 3986 5.2.4: . is this folder, .. the one above, and neither is sent";
    const char *page = kit_format("/%s/%s/page", a, b);
    expect_followed(page, kit_format("../%s", c), kit_format("/%s/%s", a, c), because);
    expect_followed(page, kit_format("./%s/./x", c), kit_format("/%s/%s/%s/x", a, b, c), because);
    expect_followed(page, kit_format("../../../%s/..", c), "/", because);
    expect_followed(page, kit_format("/%s/..%s", c, b), kit_format("/%s/..%s", c, b), because);
}
END_TEST

START_TEST(query_alone_keeps_the_path)
{
    const char *page = kit_format("/%s/%s", kit_word(), kit_word());
    const char *query = kit_format("?%s", kit_word());
    expect_followed(kit_format("%s?%s", page, kit_word()), query, kit_format("%s%s", page, query),
                    "RFC 3986 5.2.2: a reference that begins with ? replaces the query alone");
}
END_TEST

START_TEST(fragment_of_a_location_is_not_sent)
{
    const char *target = kit_format("/%s", kit_word());
    expect_followed(kit_format("/%s", kit_word()), kit_format("%s#%s", target, kit_word()), target,
                    "RFC 9110 7.1: a fragment is never sent");
}
END_TEST

START_TEST(location_on_another_host)
{
    static const char *const starts[] = {"http:", ""};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct kit_origin *first = kit_origin();
        struct kit_origin *second = kit_origin_at("127.0.0.2");
        const char *text = kit_word();
        const char *location =
            kit_format("%s//%s/%s", starts[i], kit_origin_host(second), kit_word());
        kit_suspect("Location: ", location, "where the page is");
        send_on(first, 301, location);
        kit_answer_bytes(second, answer_with_text(text));
        struct kit_program *client = fetch(first);
        struct kit_request_read *request = kit_read_request(second);
        kit_expect_request_field(request, "Host", "%s", kit_origin_host(second));
        kit_because("RFC 9110 7.2: Host is that of the URL that is asked for now");
        expect_text(client, text,
                    "RFC 3986 5.2.2: a reference that begins with // has a host of "
                    "its own");
    }
}
END_TEST

START_TEST(ten_redirects_are_followed)
{
    struct kit_origin *origin = kit_origin();
    const char *text = kit_word();
    for (int i = 0; i < 10; i++)
        send_on(origin, 302, kit_format("/%s", kit_word()));
    kit_answer_bytes(origin, answer_with_text(text));
    expect_text(fetch(origin), text, "up to ten redirects are followed");
}
END_TEST

START_TEST(redirects_in_a_circle_come_to_an_end)
{
    struct kit_origin *origin = kit_origin();
    send_on(origin, 302, kit_format("/%s", kit_word()));
    kit_again(origin);
    struct kit_program *client = fetch(origin);
    expect_refusal(client, TOO_MANY_REDIRECTS,
                   "RFC 9110 15.4: a client detects circles; the eleventh redirect is too many "
                   "(exit status 9)");
    kit_expect_request_count(origin, 11);
    kit_because("the answer to the eleventh request is the eleventh redirect: give up there");
}
END_TEST

START_TEST(without_location_it_is_an_answer)
{
    const char *text = kit_word();
    static const int statuses[] = {302, 300};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct kit_program *client =
            fetch_answer(kit_format("HTTP/1.1 %d Somewhere\r\nContent-Length: %zu\r\n\r\n%s",
                                    statuses[i], strlen(text), text));
        expect_text(client, text,
                    "a 3xx that names no place is an answer like others: its body is written, the "
                    "exit status is 0");
    }
}
END_TEST

START_TEST(location_must_be_http)
{
    static const char *const schemes[] = {"https://", "ftp://", "file:///"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        struct kit_origin *origin = kit_origin();
        send_on(origin, 301, kit_format("%s127.0.0.1/%s", schemes[i], kit_word()));
        kit_suspect("Location: ", schemes[i], "the scheme");
        expect_refusal(
            fetch(origin), BAD_URL,
            "a server may send fetch anywhere: where it cannot go, the exit status is 3");
    }
}
END_TEST

START_TEST(error_behind_a_redirect_is_a_failure)
{
    struct kit_origin *origin = kit_origin();
    const char *text = kit_word();
    send_on(origin, 301, kit_format("/%s", kit_word()));
    kit_answer(origin, "HTTP/1.1 404 Not Found\r\nContent-Length: %zu\r\n\r\n%s", strlen(text),
               text);
    struct kit_program *client = fetch(origin);
    expect_failure(client, HTTP_ERROR, "the last answer decides: 404 is a failure");
}
END_TEST

START_TEST(head_stays_head)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 303 See Other\r\nLocation: /%s\r\nContent-Length: 90\r\n\r\n",
               kit_word());
    struct kit_program *client =
        ask_for_head(origin, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n");
    kit_read_request(origin);
    struct kit_request_read *second = kit_read_request(origin);
    kit_expect_method(second, "HEAD");
    kit_because("RFC 9110 15.4: a HEAD that is redirected stays a HEAD, for each of the five");
    expect_success(client, nothing, "the answer to HEAD has no body");
}
END_TEST

START_TEST(body_of_a_redirect_in_chunks_is_passed_over)
{
    struct kit_origin *origin = kit_origin();
    const char *text = kit_word();
    kit_answer(origin,
               "HTTP/1.1 302 Found\r\nLocation: /%s\r\nTransfer-Encoding: chunked\r\n\r\n"
               "%s%s0\r\n\r\n",
               kit_word(), chunk_of("%x", kit_word()), chunk_of("%x", kit_word()));
    kit_answer_bytes(origin, answer_with_text(text));
    expect_text(fetch(origin), text, "only the body of the last answer is written to stdout");
}
END_TEST

START_TEST(redirects_of_nginx)
{
    kit_reproduce("%s", "(printf 'HTTP/1.1 301 Moved\\r\\nContent-Length: 0\\r\\nLocation: "
                        "/kiwi\\r\\n\\r\\n'; sleep 1) "
                        "| nc -l 8080 & sleep 1; ./lab run -- http://127.0.0.1:8080/a/b");
    static const char *const folders[] = {"moved", "found"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        struct kit_bytes body = kit_random_text(2 * KIB);
        const char *name = nginx_file(kit_word(), body);
        expect_success(fetch_nginx(kit_format("%s/%s", folders[i], name)), body,
                       "nginx names the place with a path, or with a whole URL");
    }
}
END_TEST

// ---------------------------------------------------------------- headers-limits

START_TEST(names_match_in_any_case)
{
    static const char *const names[] = {"content-length", "CONTENT-LENGTH", "cOnTeNt-lEnGtH"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = kit_word();
        kit_suspect("\r\n", names[i], "the name, in other letters");
        struct kit_program *client = fetch_answer(
            kit_format("HTTP/1.1 200 OK\r\n%s: %zu\r\n\r\n%s", names[i], strlen(text), text));
        expect_text(client, text, "RFC 9110 5.1: names of fields match in any letter case");
    }
}
END_TEST

START_TEST(blanks_around_values_are_removed)
{
    static const struct {
        const char *before, *behind; // the value
    } shapes[] = {{"", ""}, {"    ", ""}, {" ", "   "}, {"\t", "\t "}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const char *text = kit_word();
        const char *field = kit_format("%s%zu%s", shapes[i].before, strlen(text), shapes[i].behind);
        kit_suspect("Content-Length:", field, "the value, with what is around it");
        struct kit_program *client =
            fetch_answer(kit_format("HTTP/1.1 200 OK\r\nContent-Length:%s\r\n\r\n%s", field, text));
        expect_text(client, text, "RFC 9112 5.1: blanks and tabs around a value are no part of it");
    }
}
END_TEST

START_TEST(longer_names_are_other_fields)
{
    const char *text = kit_format("%s-%s", kit_word(), kit_word());
    kit_suspect("", "X-Content-Length", "another name");
    struct kit_program *client = fetch_answer(kit_format(
        "HTTP/1.1 200 OK\r\nX-Content-Length: 3\r\nContent-Length: %zu\r\nContent-Length-X: 4\r\n"
        "X-Note: Content-Length: 5\r\n\r\n%s",
        strlen(text), text));
    expect_text(client, text,
                "RFC 9110 5.1: a field is known by its whole name, at the beginning "
                "of its line");
}
END_TEST

START_TEST(folded_line_belongs_to_the_field_above)
{
    const char *text = kit_format("%s-%s", kit_word(), kit_word());
    kit_suspect("\r\n", " Content-Length: 3", "goes on with the line above");
    struct kit_program *client = fetch_answer(kit_format(
        "HTTP/1.1 200 OK\r\nX-Note: %s\r\n Content-Length: 3\r\nContent-Length: %zu\r\n\r\n%s",
        kit_word(), strlen(text), text));
    expect_text(client, text,
                "RFC 9112 5.2: a line that begins with a blank continues the value above it, and "
                "a client MUST take it so");
}
END_TEST

START_TEST(reason_may_be_missing)
{
    const char *text = kit_word();
    kit_suspect("HTTP/1.1 ", "200 ", "no words behind the status");
    struct kit_program *client = fetch_answer(
        kit_format("HTTP/1.1 200 \r\nContent-Length: %zu\r\n\r\n%s", strlen(text), text));
    expect_text(client, text, "RFC 9112 4: the words behind the status may be missing");
}
END_TEST

START_TEST(unknown_status_counts_by_its_first_digit)
{
    const struct {
        int status, exit;
    } samples[] = {
        {number(230, 298), OK}, {number(460, 498), HTTP_ERROR}, {number(530, 598), HTTP_ERROR}};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        kit_suspect("HTTP/1.1 ", kit_format("%d", samples[i].status), "a status of no list");
        struct kit_program *client = fetch_answer(
            kit_format("HTTP/1.1 %d New\r\nContent-Length: 5\r\n\r\nmango", samples[i].status));
        kit_expect_exit(client, samples[i].exit);
        kit_because("RFC 9110 15: a client MUST treat a status that it does not know like the x00 "
                    "of its class");
    }
}
END_TEST

// Fields of about so many bytes together, no two alike.
static const char *many_fields(size_t bytes)
{
    const char *lines = "";
    for (int i = 0; strlen(lines) < bytes; i++)
        lines = kit_format("%sX-%d: %s\r\n", lines, i, kit_random_letters(2000));
    return lines;
}

START_TEST(head_of_60_kib_is_read)
{
    const char *text = kit_word();
    struct kit_program *client = fetch_answer(
        kit_format("HTTP/1.1 200 OK\r\n%sX-Long: %s\r\nContent-Length: %zu\r\n\r\n%s",
                   many_fields(40 * KIB), kit_random_letters(20 * KIB), strlen(text), text));
    expect_text(client, text, "the lesson asks for heads of up to 64 KiB, in one line or in many");
}
END_TEST

// The origin sends this and no more, in two million bytes, and never ends the head.
static void expect_head_refused(const char *start, const char *repeated)
{
    struct kit_origin *origin = kit_origin();
    kit_on_request(origin);
    kit_then_send(origin, "HTTP/1.1 200 OK\r\n%s", start);
    for (int i = 0; i < 128; i++)
        kit_then_send(origin, repeated, i, kit_random_letters(16 * KIB));
    kit_then_hold(origin);
    expect_refusal(
        fetch(origin), MALFORMED,
        "a head of more than 1 MiB is refused, or a server could fill all memory (exit status 7)");
}

// Two million bytes and no end, for a learner to see.
#define ENDLESS_HEAD(start, bytes)                                                                 \
    "(printf 'HTTP/1.1 200 OK\\r\\n" start "'; " bytes                                             \
    " | head -c 2000000; sleep 3) | nc -l 8080 >.lab/asked & sleep 1; ./lab run -- "               \
    "http://127.0.0.1:8080/"

START_TEST(endless_fields_are_refused)
{
    kit_reproduce("%s", ENDLESS_HEAD("", "yes \"$(printf 'X-Fruit: mango\\r')\""));
    expect_head_refused("", "X-%d: %s\r\n");
}
END_TEST

START_TEST(endless_line_is_refused)
{
    kit_reproduce("%s", ENDLESS_HEAD("X-Long: ", "yes mango | tr -d '\\n'"));
    expect_head_refused("X-Long: ", "%d%s");
}
END_TEST

// ---------------------------------------------------------------- large-body

static void expect_large_body(struct kit_origin *origin, const struct kit_stream *body)
{
    struct kit_program *client = fetch(origin);
    kit_expect_stdout_stream(client, body);
    kit_because("every byte of the body is written, however large it is");
    kit_expect_exit(client, OK);
    kit_because("the answer came whole and says no error: the exit status is 0");
    kit_expect_memory_below(client, 16);
    kit_because("a body is written piece by piece, and never held as a whole");
}

START_TEST(length_of_128_mib)
{
    struct kit_stream *body = kit_stream(128 * MIB);
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 128 * MIB);
    kit_then_stream(origin, body);
    expect_large_body(origin, body);
}
END_TEST

// Once is enough to count beyond 64 MiB; memory shows with less.
START_TEST(large_chunk)
{
    struct kit_stream *body = kit_stream(40 * MIB);
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", 40 * MIB);
    kit_then_stream(origin, body);
    kit_then_send(origin, "\r\n0\r\n\r\n");
    expect_large_body(origin, body);
}
END_TEST

START_TEST(large_body_up_to_the_close)
{
    struct kit_stream *body = kit_stream(40 * MIB);
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\n\r\n");
    kit_then_stream(origin, body);
    kit_then_close(origin);
    expect_large_body(origin, body);
}
END_TEST

// ---------------------------------------------------------------- malformed

START_TEST(answer_must_begin_with_a_status_line)
{
    const char *const answers[] = {
        kit_format("%s\r\n\r\n%s", kit_word(), kit_word()),
        kit_format("<html>%s</html>\r\n\r\n", kit_word()),
        kit_format("HTTQ/1.1 200 OK\r\nContent-Length: 5\r\nX-Fruit: %s\r\n\r\nmango", kit_word()),
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        kit_suspect("", kit_format("%.4s", answers[i]), "here HTTP should stand");
        expect_refusal(fetch_closed_answer(answers[i]), MALFORMED,
                       "RFC 9112 4: an answer begins with HTTP/1.1 and a status (exit status 7)");
    }
}
END_TEST

START_TEST(status_has_three_digits)
{
    static const char *const statuses[] = {"20", "2x0", "-20", "200x", ""};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        kit_suspect("HTTP/1.1 ", kit_format("%s OK", statuses[i]), "the status");
        struct kit_program *client = fetch_closed_answer(
            kit_format("HTTP/1.1 %s OK\r\nX-Fruit: %s\r\nContent-Length: 5\r\n\r\nmango",
                       statuses[i], kit_word()));
        expect_refusal(client, MALFORMED, "RFC 9112 4: a status is three digits (exit status 7)");
    }
}
END_TEST

static void expect_length_refused(const char *length)
{
    kit_suspect("Content-Length: ", length, "no number");
    struct kit_program *client = fetch_closed_answer(kit_format(
        "HTTP/1.1 200 OK\r\nX-Fruit: %s\r\nContent-Length: %s\r\n\r\nmango", kit_word(), length));
    expect_refusal(client, MALFORMED,
                   "RFC 9112 6.3: a client MUST discard an answer whose length is invalid (exit "
                   "status 7)");
}

START_TEST(length_with_a_sign_is_refused)
{
    expect_length_refused("-5");
    expect_length_refused("+5");
}
END_TEST

START_TEST(length_with_other_bytes_is_refused)
{
    static const char *const lengths[] = {"5x", "x", "0x5", "5 5", "5.0"};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        expect_length_refused(lengths[i]);
}
END_TEST

START_TEST(two_lengths_that_differ_are_refused)
{
    kit_suspect("Content-Length: 5\r\n", "Content-Length: 3", "a second length");
    struct kit_program *client = fetch_closed_answer(kit_format(
        "HTTP/1.1 200 OK\r\nX-Fruit: %s\r\nContent-Length: 5\r\nContent-Length: 3\r\n\r\nmango",
        kit_word()));
    expect_refusal(client, MALFORMED,
                   "RFC 9112 6.3: a client MUST discard an answer with two lengths that differ "
                   "(exit status 7)");
}
END_TEST

START_TEST(length_beyond_64_bits_does_not_wrap)
{
    // 2^64 + 5: five bytes to a program that counts in 64 bits and does not look.
    const char *length = "18446744073709551621";
    kit_suspect("Content-Length: ", length, "more than 64 bits hold");
    struct kit_program *client = fetch_closed_answer(kit_format(
        "HTTP/1.1 200 OK\r\nX-Fruit: %s\r\nContent-Length: %s\r\n\r\nmango", kit_word(), length));
    int status = kit_wait_for_exit(client);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CUT_OFF)
        return; // so many bytes did not come
    kit_expect_exit(client, MALFORMED);
    kit_because("RFC 9110 8.6: a recipient MUST anticipate numbers that overflow (exit status 7 or "
                "8)");
}
END_TEST

START_TEST(blank_before_the_colon_is_refused)
{
    kit_suspect("Content-Length", " ", "the blank before the colon");
    struct kit_program *client = fetch_closed_answer(kit_format(
        "HTTP/1.1 200 OK\r\nX-Fruit: %s\r\nContent-Length : 3\r\n\r\nmango", kit_word()));
    expect_refusal(client, MALFORMED,
                   "RFC 9112 5.1: no blank stands before the colon; two programs that read it "
                   "differently see two answers (exit status 7)");
}
END_TEST

static void expect_chunks_refused(const char *chunks, const char *because)
{
    struct kit_program *client = fetch_closed_answer(
        kit_format("HTTP/1.1 200 OK\r\nX-Fruit: %s\r\nTransfer-Encoding: chunked\r\n\r\n%s",
                   kit_word(), chunks));
    expect_failure(client, MALFORMED, because);
}

START_TEST(chunk_size_must_be_a_number)
{
    static const char *const sizes[] = {"x5", "-5", "", "0x5", "5g"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        kit_suspect("\r\n\r\n", kit_format("%s\r\n", sizes[i]), "the size");
        expect_chunks_refused(kit_format("%s\r\nmango\r\n0\r\n\r\n", sizes[i]),
                              "RFC 9112 7.1: a size is hexadecimal digits (exit status 7)");
    }
}
END_TEST

START_TEST(chunk_size_beyond_64_bits_is_refused)
{
    kit_suspect("\r\n\r\n", "10000000000000005", "more than 64 bits hold");
    expect_chunks_refused("10000000000000005\r\nmango\r\n0\r\n\r\n",
                          "RFC 9112 7.1: a recipient MUST anticipate numbers that overflow (exit "
                          "status 7)");
}
END_TEST

START_TEST(chunk_longer_than_its_size_is_refused)
{
    const char *more = kit_word();
    kit_suspect("mango", more, "here \\r\\n should stand");
    expect_chunks_refused(kit_format("5\r\nmango%s\r\n0\r\n\r\n", more),
                          "RFC 9112 7.1: \\r\\n follows the data of a chunk (exit status 7)");
}
END_TEST

START_TEST(unknown_transfer_coding_is_refused)
{
    const char *coding = kit_random_letters(7);
    kit_suspect("Transfer-Encoding: ", coding, "a coding of no list");
    struct kit_program *client = fetch_closed_answer(
        kit_format("HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\nX-Fruit: %s\r\n\r\nmango", coding,
                   kit_word()));
    expect_refusal(client, MALFORMED,
                   "RFC 9112 7: what is coded in an unknown way cannot be read (exit status 7)");
}
END_TEST

// ---------------------------------------------------------------- timeouts

#define REQUEST_CLOCK "after REQUEST_TIMEOUT_MS without a byte, fetch gives up (exit status 6)"

static void expect_request_timeout(struct kit_origin *origin)
{
    kit_environment("REQUEST_TIMEOUT_MS", "300");
    expect_failure(fetch(origin), TIMED_OUT, REQUEST_CLOCK);
}

START_TEST(server_that_never_answers)
{
    struct kit_origin *origin = kit_origin();
    kit_on_request(origin);
    kit_then_hold(origin);
    expect_request_timeout(origin);
}
END_TEST

START_TEST(head_that_stalls)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nX-Fruit: %s", kit_word());
    kit_then_hold(origin);
    expect_request_timeout(origin);
}
END_TEST

START_TEST(body_that_stalls)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", number(1000, 9000),
               kit_word());
    kit_then_hold(origin);
    expect_request_timeout(origin);
}
END_TEST

START_TEST(connection_that_nobody_accepts)
{
    kit_environment("CONNECT_TIMEOUT_MS", "300");
    const char *because = "after CONNECT_TIMEOUT_MS without a connection, fetch gives up (exit "
                          "status 6)";
    expect_failure(fetch(kit_origin_unreachable()), TIMED_OUT, because);
}
END_TEST

// ---------------------------------------------------------------- gzip

START_TEST(gzip_is_asked_for)
{
    struct kit_origin *origin = kit_origin();
    struct kit_request_read *request = request_for(origin, kit_url(origin, "/%s", kit_word()));
    kit_expect_request_field_lists(request, "Accept-Encoding", "gzip");
    kit_because("RFC 9110 12.5.3: Accept-Encoding says what the client can unpack");
}
END_TEST

START_TEST(compressed_body_is_unpacked)
{
    struct kit_bytes text = kit_random_text(5000);
    struct kit_origin *origin = kit_origin();
    kit_suspect("Content-Encoding: ", "gzip", "the body is compressed");
    kit_answer_bytes(origin, answer_with_body("Content-Encoding: gzip\r\n", kit_gzip(text)));
    expect_success(fetch(origin), text,
                   "RFC 9110 8.4: Content-Encoding says how the body was "
                   "packed; stdout gets what was packed");
}
END_TEST

START_TEST(coding_matches_in_any_case)
{
    struct kit_bytes text = kit_random_text(500);
    struct kit_origin *origin = kit_origin();
    kit_suspect("Content-Encoding: ", "GZip", "the coding, in other letters");
    kit_answer_bytes(origin, answer_with_body("Content-Encoding: GZip\r\n", kit_gzip(text)));
    expect_success(fetch(origin), text,
                   "RFC 9110 8.4.1: names of content codings match in any letter case");
}
END_TEST

START_TEST(compressed_chunks_in_small_pieces)
{
    struct kit_bytes text = kit_random_text(300);
    struct kit_origin *origin = kit_origin();
    kit_answer_in_pieces(origin, answer_in_chunks("Content-Encoding: gzip\r\n", kit_gzip(text), 17),
                         1);
    expect_success(fetch(origin), text,
                   "chunks are taken off first, then gzip: a packed byte may come alone");
}
END_TEST

START_TEST(megabytes_from_a_few_bytes)
{
    struct kit_bytes text = kit_random_text(64);
    while (text.length < 3 * MIB)
        text = kit_join(text, text);
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_with_body("Content-Encoding: gzip\r\n", kit_gzip(text)));
    expect_success(fetch(origin), text,
                   "a few packed bytes may be megabytes: inflate() is called until it has no more");
}
END_TEST

START_TEST(packed_file_stays_packed)
{
    struct kit_bytes packed = kit_gzip(kit_random_text(2000));
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_with_body("Content-Type: application/gzip\r\n", packed));
    expect_success(fetch(origin), packed,
                   "RFC 9110 8.4: without Content-Encoding the bytes are what was asked for");
}
END_TEST

START_TEST(broken_compression_is_refused)
{
    struct kit_bytes packed = kit_gzip(kit_random_text(3000));
    // The last eight bytes are checksum and length: with one bit turned, the text is not this one.
    unsigned char bytes[8];
    memcpy(bytes, packed.data + packed.length - 8, 8);
    bytes[number(0, 3)] ^= 0x10;
    packed = kit_join(kit_part(packed, 0, packed.length - 8), (struct kit_bytes){bytes, 8});
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_with_body("Content-Encoding: gzip\r\n", packed));
    expect_failure(fetch(origin), MALFORMED,
                   "RFC 1952 2.3.1: the checksum at the end does not fit (exit status 7)");
}
END_TEST

START_TEST(truncated_compression_is_refused)
{
    struct kit_bytes packed = kit_gzip(kit_random_text(3000));
    packed = kit_part(packed, 0, packed.length - (size_t)number(1, 200));
    struct kit_origin *origin = kit_origin();
    kit_answer_bytes(origin, answer_with_body("Content-Encoding: gzip\r\n", packed));
    expect_failure(fetch(origin), MALFORMED,
                   "the packed bytes end before gzip's own end: what was packed is not whole (exit "
                   "status 7)");
}
END_TEST

START_TEST(unknown_content_coding_is_refused)
{
    const char *coding = kit_random_letters(7);
    kit_suspect("Content-Encoding: ", coding, "a coding that nobody asked for");
    struct kit_program *client =
        fetch_answer(kit_format("HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: 5\r\n"
                                "\r\nmango",
                                coding));
    expect_refusal(client, MALFORMED,
                   "what was packed in an unknown way would be noise on stdout (exit status 7)");
}
END_TEST

START_TEST(head_of_a_compressed_page_has_nothing_to_unpack)
{
    struct kit_program *client = ask_for_head(
        kit_origin(), kit_format("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d"
                                 "\r\n\r\n",
                                 number(100, 900)));
    expect_success(client, nothing,
                   "RFC 9110 9.3.2: the fields tell of the body that GET would bring; none comes");
}
END_TEST

START_TEST(compressed_page_of_nginx)
{
    kit_reproduce("%s", ONE_ANSWER("Content-Encoding: gzip", "echo mango | gzip"));
    struct kit_bytes text = kit_random_text(60 * KIB);
    const char *name = nginx_file(kit_format("%s.txt", kit_word()), text);
    expect_success(fetch_nginx(name), text,
                   "nginx compresses text for whoever asks for it, and sends it in chunks");
}
END_TEST

// ---------------------------------------------------------------- reuse

// Asks for two pages of an origin, whose script is written.
static struct kit_program *fetch_two(struct kit_origin *origin)
{
    return kit_run(kit_url(origin, "/%s", kit_word()), kit_url(origin, "/%s", kit_word()));
}

static void expect_two(struct kit_program *client, const char *first, const char *second)
{
    expect_text(client, kit_format("%s%s", first, second),
                "the bodies are written one behind the other, in the order of the URLs");
}

START_TEST(two_urls_share_a_connection)
{
    struct kit_origin *origin = kit_origin();
    const char *first = kit_word();
    const char *second = kit_word();
    kit_answer_bytes(origin, answer_with_text(first));
    kit_answer_bytes(origin, answer_with_text(second));
    expect_two(fetch_two(origin), first, second);
    kit_expect_connection_count(origin, 1);
    kit_because("RFC 9112 9.3: a connection of HTTP/1.1 stays open for the next request; the "
                "lesson asks to use it");
}
END_TEST

START_TEST(connection_is_kept_behind_chunks)
{
    struct kit_origin *origin = kit_origin();
    const char *first = kit_word();
    const char *second = kit_word();
    kit_answer(origin,
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s0\r\nX-Sum: 1\r\n\r\n",
               chunk_of("%x", first));
    kit_answer_bytes(origin, answer_with_text(second));
    expect_two(fetch_two(origin), first, second);
    kit_expect_connection_count(origin, 1);
    kit_because("RFC 9112 9.3: the empty line behind the trailer ends the answer, and the "
                "connection goes on");
}
END_TEST

START_TEST(redirect_to_the_same_host_keeps_the_connection)
{
    struct kit_origin *origin = kit_origin();
    const char *text = kit_word();
    send_on(origin, 302, kit_format("/%s", kit_word()));
    kit_answer_bytes(origin, answer_with_text(text));
    expect_text(fetch(origin), text, "the body of the redirect is read, and not written");
    kit_expect_connection_count(origin, 1);
    kit_because("RFC 9112 9.3: where a redirect leads to the same host and port, its connection is "
                "there already");
}
END_TEST

START_TEST(close_is_believed)
{
    struct kit_origin *origin = kit_origin();
    const char *first = kit_word();
    const char *second = kit_word();
    kit_suspect("Connection: ", "foo, Close", "no further request here");
    // It says close, and leaves the closing to the client.
    kit_answer_bytes(origin, answer_with_body("Connection: foo, Close\r\n", kit_text(first)));
    kit_answer_bytes(origin, answer_with_text(second));
    expect_two(fetch_two(origin), first, second);
    kit_expect_connection_count(origin, 2);
    kit_because("RFC 9112 9.6: a client that receives close MUST send no more requests on that "
                "connection");
}
END_TEST

START_TEST(old_version_is_the_last_answer)
{
    struct kit_origin *origin = kit_origin();
    const char *first = kit_word();
    const char *second = kit_word();
    kit_suspect("HTTP/1.", "0", "the older version");
    kit_answer(origin, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(first), first);
    kit_answer_bytes(origin, answer_with_text(second));
    expect_two(fetch_two(origin), first, second);
    kit_expect_connection_count(origin, 2);
    kit_because("RFC 9112 9.3: a connection of HTTP/1.0 ends behind the answer");
}
END_TEST

START_TEST(other_host_gets_its_own_connection)
{
    struct kit_origin *one = kit_origin();
    struct kit_origin *other = kit_origin_at("127.0.0.2");
    const char *first = kit_word();
    const char *second = kit_word();
    kit_answer_bytes(one, answer_with_text(first));
    kit_answer_bytes(other, answer_with_text(second));
    struct kit_program *client =
        kit_run(kit_url(one, "/%s", kit_word()), kit_url(other, "/%s", kit_word()));
    expect_two(client, first, second);
}
END_TEST

START_TEST(other_port_gets_its_own_connection)
{
    struct kit_origin *one = kit_origin();
    struct kit_origin *other = kit_origin();
    const char *first = kit_word();
    const char *second = kit_word();
    kit_answer_bytes(one, answer_with_text(first));
    kit_answer_bytes(other, answer_with_text(second));
    struct kit_program *client =
        kit_run(kit_url(one, "/%s", kit_word()), kit_url(other, "/%s", kit_word()));
    expect_two(client, first, second);
}
END_TEST

START_TEST(kept_connection_that_was_closed_is_replaced)
{
    struct kit_origin *origin = kit_origin();
    const char *first = kit_word();
    const char *second = kit_word();
    kit_answer_bytes(origin, answer_with_text(first));
    kit_then_close(origin);
    kit_answer_bytes(origin, answer_with_text(second));
    expect_two(fetch_two(origin), first, second);
}
END_TEST

START_TEST(request_that_gets_no_answer_is_sent_again)
{
    struct kit_origin *origin = kit_origin();
    const char *first = kit_word();
    const char *second = kit_word();
    kit_answer_bytes(origin, answer_with_text(first));
    // A client that makes a new connection each time has no second try to make.
    kit_on_request(origin);
    kit_then_close(origin);
    kit_answer_bytes(origin, answer_with_text(second));
    expect_two(fetch_two(origin), first, second);
}
END_TEST

START_TEST(surplus_bytes_are_no_answer)
{
    struct kit_origin *origin = kit_origin();
    const char *first = kit_word();
    const char *second = kit_word();
    const char *forged = kit_word();
    kit_suspect(first, "HTTP/1.1", "nobody has asked for this yet");
    kit_answer(origin,
               "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s"
               "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
               strlen(first), first, strlen(forged), forged);
    kit_answer_bytes(origin, answer_with_text(second));
    expect_two(fetch_two(origin), first, second);
}
END_TEST

START_TEST(first_failure_ends_the_run)
{
    struct kit_origin *origin = kit_origin();
    const char *text = kit_word();
    kit_answer(origin, "HTTP/1.1 404 Not Found\r\nContent-Length: %zu\r\n\r\n%s", strlen(text),
               text);
    kit_answer_bytes(origin, answer_with_text(kit_word()));
    struct kit_program *client = fetch_two(origin);
    kit_expect_stdout(client, kit_text(text));
    kit_because("fetch stops at the first URL that fails: no body is missing in between");
    expect_failure(client, HTTP_ERROR, "the exit status is that of the URL that failed");
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("url", connects_to_the_port_of_the_url);
    KIT_CHECK("url", ipv6_addresses_stand_in_brackets);
    KIT_CHECK("url", no_url_is_a_wrong_call);
    KIT_CHECK("url", unknown_option_is_a_wrong_call);
    KIT_CHECK("url", other_schemes_are_refused);
    KIT_CHECK("url", url_without_a_host_is_refused);
    KIT_CHECK("url", port_is_a_number_up_to_65535);
    KIT_CHECK("url", line_end_in_a_url_is_refused);
    KIT_CHECK("url", refused_connection_is_reported);
    KIT_CHECK("url", unknown_host_is_reported);
    KIT_CHECK("request", request_asks_for_the_path);
    KIT_CHECK("request", host_is_that_of_the_url);
    KIT_CHECK("request", host_of_an_ipv6_address_has_brackets);
    KIT_CHECK("request", empty_path_is_a_slash);
    KIT_CHECK("request", query_is_sent_and_the_fragment_is_not);
    KIT_CHECK("request", percent_encoding_stays);
    KIT_CHECK("request", url_of_8000_bytes_is_sent_whole);
    KIT_CHECK("request", scheme_and_host_match_in_any_case);
    KIT_CHECK("length", body_goes_to_stdout);
    KIT_CHECK("length", every_byte_value_is_written);
    KIT_CHECK("length", empty_body_is_a_body);
    KIT_CHECK("length", bytes_behind_the_body_are_no_part_of_it);
    KIT_CHECK("length", answer_in_small_pieces_is_read_whole);
    KIT_CHECK("length", body_that_comes_after_the_head);
    KIT_CHECK("length", body_larger_than_a_buffer);
    KIT_CHECK("length", error_status_is_a_failure_with_a_body);
    KIT_CHECK("length", body_that_is_cut_off_is_reported);
    KIT_CHECK("length", head_that_is_cut_off_is_reported);
    KIT_CHECK("length", reset_is_a_cut);
    KIT_CHECK("length", reader_of_stdout_that_leaves);
    KIT_CHECK("length", page_of_nginx, .services = "nginx");
    KIT_CHECK("close-delimited", body_ends_with_the_connection);
    KIT_CHECK("close-delimited", old_version_is_understood);
    KIT_CHECK("close-delimited", nothing_up_to_the_close_is_an_empty_body);
    KIT_CHECK("close-delimited", many_pieces_up_to_the_close);
    KIT_CHECK("close-delimited", reset_is_no_close);
    KIT_CHECK("chunked", chunks_are_joined);
    KIT_CHECK("chunked", sizes_are_hexadecimal);
    KIT_CHECK("chunked", extensions_and_trailers_are_skipped);
    KIT_CHECK("chunked", chunks_in_small_pieces_are_read_whole);
    KIT_CHECK("chunked", line_ends_in_chunks_are_data);
    KIT_CHECK("chunked", chunk_larger_than_a_buffer);
    KIT_CHECK("chunked", chunked_matches_in_any_case);
    KIT_CHECK("chunked", missing_last_chunk_is_a_cut);
    KIT_CHECK("chunked", chunks_count_more_than_a_length);
    KIT_CHECK("chunked", chunks_of_nginx, .services = "nginx");
    KIT_CHECK("head-and-204", option_i_asks_with_head);
    KIT_CHECK("head-and-204", head_has_a_length_and_no_body);
    KIT_CHECK("head-and-204", head_has_chunks_and_no_body);
    KIT_CHECK("head-and-204", head_of_what_is_not_there_is_a_failure);
    KIT_CHECK("head-and-204", status_204_has_no_body);
    KIT_CHECK("head-and-204", status_304_has_no_body);
    KIT_CHECK("head-and-204", interim_answers_are_passed_over);
    KIT_CHECK("redirects", each_kind_of_redirect_is_followed);
    KIT_CHECK("redirects", absolute_path_keeps_host_and_port);
    KIT_CHECK("redirects", relative_path_begins_in_the_same_folder);
    KIT_CHECK("redirects", dots_in_a_path_are_taken_away);
    KIT_CHECK("redirects", query_alone_keeps_the_path);
    KIT_CHECK("redirects", fragment_of_a_location_is_not_sent);
    KIT_CHECK("redirects", location_on_another_host);
    KIT_CHECK("redirects", ten_redirects_are_followed);
    KIT_CHECK("redirects", redirects_in_a_circle_come_to_an_end);
    KIT_CHECK("redirects", without_location_it_is_an_answer);
    KIT_CHECK("redirects", location_must_be_http);
    KIT_CHECK("redirects", error_behind_a_redirect_is_a_failure);
    KIT_CHECK("redirects", head_stays_head);
    KIT_CHECK("redirects", body_of_a_redirect_in_chunks_is_passed_over);
    KIT_CHECK("redirects", redirects_of_nginx, .services = "nginx");
    KIT_CHECK("headers-limits", names_match_in_any_case);
    KIT_CHECK("headers-limits", blanks_around_values_are_removed);
    KIT_CHECK("headers-limits", longer_names_are_other_fields);
    KIT_CHECK("headers-limits", folded_line_belongs_to_the_field_above);
    KIT_CHECK("headers-limits", reason_may_be_missing);
    KIT_CHECK("headers-limits", unknown_status_counts_by_its_first_digit);
    KIT_CHECK("headers-limits", head_of_60_kib_is_read);
    KIT_CHECK("headers-limits", endless_fields_are_refused);
    KIT_CHECK("headers-limits", endless_line_is_refused);
    KIT_CHECK("large-body", length_of_128_mib, .build = KIT_PLAIN);
    KIT_CHECK("large-body", large_chunk, .build = KIT_PLAIN);
    KIT_CHECK("large-body", large_body_up_to_the_close, .build = KIT_PLAIN);
    KIT_CHECK("malformed", answer_must_begin_with_a_status_line);
    KIT_CHECK("malformed", status_has_three_digits);
    KIT_CHECK("malformed", length_with_a_sign_is_refused);
    KIT_CHECK("malformed", length_with_other_bytes_is_refused);
    KIT_CHECK("malformed", two_lengths_that_differ_are_refused);
    KIT_CHECK("malformed", length_beyond_64_bits_does_not_wrap);
    KIT_CHECK("malformed", blank_before_the_colon_is_refused);
    KIT_CHECK("malformed", chunk_size_must_be_a_number);
    KIT_CHECK("malformed", chunk_size_beyond_64_bits_is_refused);
    KIT_CHECK("malformed", chunk_longer_than_its_size_is_refused);
    KIT_CHECK("malformed", unknown_transfer_coding_is_refused);
    KIT_CHECK("timeouts", server_that_never_answers, .waits = true);
    KIT_CHECK("timeouts", head_that_stalls, .waits = true);
    KIT_CHECK("timeouts", body_that_stalls, .waits = true);
    KIT_CHECK("timeouts", connection_that_nobody_accepts, .waits = true);
    KIT_CHECK("gzip", gzip_is_asked_for);
    KIT_CHECK("gzip", compressed_body_is_unpacked);
    KIT_CHECK("gzip", coding_matches_in_any_case);
    KIT_CHECK("gzip", compressed_chunks_in_small_pieces);
    KIT_CHECK("gzip", megabytes_from_a_few_bytes);
    KIT_CHECK("gzip", packed_file_stays_packed);
    KIT_CHECK("gzip", broken_compression_is_refused);
    KIT_CHECK("gzip", truncated_compression_is_refused);
    KIT_CHECK("gzip", unknown_content_coding_is_refused);
    KIT_CHECK("gzip", head_of_a_compressed_page_has_nothing_to_unpack);
    KIT_CHECK("gzip", compressed_page_of_nginx, .services = "nginx");
    KIT_CHECK("reuse", two_urls_share_a_connection);
    KIT_CHECK("reuse", connection_is_kept_behind_chunks);
    KIT_CHECK("reuse", redirect_to_the_same_host_keeps_the_connection);
    KIT_CHECK("reuse", close_is_believed);
    KIT_CHECK("reuse", old_version_is_the_last_answer);
    KIT_CHECK("reuse", other_host_gets_its_own_connection);
    KIT_CHECK("reuse", other_port_gets_its_own_connection);
    KIT_CHECK("reuse", kept_connection_that_was_closed_is_replaced);
    KIT_CHECK("reuse", request_that_gets_no_answer_is_sent_again);
    KIT_CHECK("reuse", surplus_bytes_are_no_answer);
    KIT_CHECK("reuse", first_failure_ends_the_run);
}
