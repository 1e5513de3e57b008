// SPDX-License-Identifier: MIT
// A grader of clients, for the tests of what the kit can see of one.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit.h"

#define MIB (UINT64_C(1) << 20)

// ---------------------------------------------------------------- what it prints

static struct kit_program *fetch(struct kit_origin *origin)
{
    return kit_run(kit_url(origin, "/%s", kit_word()));
}

static void answer_with_length(struct kit_origin *origin, const char *body)
{
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}

START_TEST(prints_the_body)
{
    struct kit_origin *origin = kit_origin();
    const char *body = kit_word();
    answer_with_length(origin, body);
    struct kit_program *client = fetch(origin);
    kit_expect_stdout(client, kit_text(body));
    kit_because("the lesson: the body goes to standard output");
    kit_expect_exit(client, 0);
    kit_expect_no_error_output(client);
}
END_TEST

START_TEST(no_arguments_are_an_error)
{
    kit_fixed_input("there is nothing to choose");
    struct kit_program *client = kit_run_arguments((const char *const[]){NULL});
    kit_expect_error_line(client, "usage");
    kit_expect_stdout(client, kit_text(""));
    kit_expect_exit(client, 2);
}
END_TEST

START_TEST(two_runs)
{
    struct kit_origin *origin = kit_origin();
    const char *bodies[] = {kit_word(), kit_word()};
    for (size_t i = 0; i < 2; i++) {
        answer_with_length(origin, bodies[i]);
        struct kit_program *client = fetch(origin);
        kit_expect_stdout(client, kit_text(bodies[i]));
        kit_expect_exit(client, 0);
    }
    kit_expect_connection_count(origin, 2);
}
END_TEST

START_TEST(large_body)
{
    struct kit_origin *origin = kit_origin();
    struct kit_stream *body = kit_stream(128 * MIB);
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n",
               (unsigned long long)(128 * MIB));
    kit_then_stream(origin, body);
    struct kit_program *client = fetch(origin);
    kit_expect_stdout_stream(client, body);
    kit_expect_exit(client, 0);
    kit_expect_memory_below(client, 16);
    kit_because("the lesson: 16 MiB are enough");
}
END_TEST

START_TEST(held_stdout)
{
    struct kit_origin *origin = kit_origin();
    struct kit_stream *body = kit_text_stream(64 * MIB);
    kit_answer(origin, "HTTP/1.1 200 OK\r\n\r\n");
    kit_then_stream(origin, body);
    kit_then_close(origin);
    kit_hold_stdout();
    struct kit_program *client = fetch(origin);
    kit_wait_until_idle(client);
    kit_expect(kit_origin_sent(origin) < 32 * MIB, "the program reads on though nobody reads it");
    kit_expect_stdout_stream(client, body);
    kit_expect_exit(client, 0);
}
END_TEST

// Whoever read its output leaves while it writes.
START_TEST(left_stdout)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\n\r\n");
    kit_then_stream(origin, kit_stream(2 * MIB));
    kit_then_close(origin);
    kit_hold_stdout();
    struct kit_program *client = fetch(origin);
    kit_wait_until_idle(client);
    kit_close_stdout(client);
    kit_expect_exit(client, 0);
}
END_TEST

// What an origin sends can be named like a request.
START_TEST(named_bytes_of_an_answer)
{
    struct kit_origin *origin = kit_origin();
    kit_suspect("HTTP/1.1 ", "200", "the status");
    answer_with_length(origin, kit_word());
    kit_expect_exit(fetch(origin), 99);
}
END_TEST

// ---------------------------------------------------------------- what it asks

START_TEST(request_is_right)
{
    struct kit_origin *origin = kit_origin();
    answer_with_length(origin, kit_word());
    const char *path = kit_format("/%s?a=%s", kit_word(), kit_word());
    struct kit_program *client = kit_run(kit_url(origin, "%s", path));
    struct kit_request_read *request = kit_read_request(origin);
    kit_expect_method(request, "GET");
    kit_expect_target(request, "%s", path);
    kit_expect_request_field(request, "Host", "%s", kit_origin_host(origin));
    kit_expect_no_request_field(request, "Transfer-Encoding");
    kit_expect_exit(client, 0);
    kit_expect_request_count(origin, 1);
}
END_TEST

START_TEST(other_hosts)
{
    struct kit_origin *four = kit_origin_at("127.0.0.2"), *six = kit_origin_at("::1");
    const char *bodies[] = {kit_word(), kit_word()};
    answer_with_length(four, bodies[0]);
    answer_with_length(six, bodies[1]);
    struct kit_program *client = kit_run(kit_url(four, "/%s", kit_word()), kit_url(six, "/"));
    kit_expect_stdout(client, kit_text(kit_format("%s%s", bodies[0], bodies[1])));
    kit_expect_request_field(kit_read_request(four), "Host", "%s", kit_origin_host(four));
    kit_expect_request_field(kit_read_request(six), "Host", "%s", kit_origin_host(six));
}
END_TEST

START_TEST(connection_is_used_again)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfig");
    kit_again(origin);
    struct kit_program *client =
        kit_run(kit_url(origin, "/%s", kit_word()), kit_url(origin, "/%s", kit_word()));
    kit_expect_stdout(client, kit_text("figfig"));
    kit_expect_request_count(origin, 2);
    kit_expect_connection_count(origin, 1);
    kit_because("the lesson: two URLs of one host share a connection");
}
END_TEST

START_TEST(targets_have_answers_of_their_own)
{
    struct kit_origin *origin = kit_origin();
    kit_for_target(origin, "/fig");
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfig");
    kit_again(origin);
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother");
    struct kit_program *client = kit_run(
        kit_url(origin, "/fig"), kit_url(origin, "/%s", kit_word()), kit_url(origin, "/fig"));
    kit_expect_stdout(client, kit_text("figotherfig"));
}
END_TEST

// ---------------------------------------------------------------- how the origin answers

START_TEST(answer_in_pieces)
{
    struct kit_origin *origin = kit_origin();
    const char *body = kit_random_letters(200);
    kit_answer_in_pieces(
        origin, kit_text(kit_format("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n%s", body)),
        kit_number(1, 7));
    struct kit_program *client = fetch(origin);
    kit_expect_stdout(client, kit_text(body));
}
END_TEST

START_TEST(until_close)
{
    struct kit_origin *origin = kit_origin();
    const char *body = kit_word();
    kit_answer(origin, "HTTP/1.1 200 OK\r\n\r\n%s", body);
    kit_then_close(origin);
    kit_expect_stdout(fetch(origin), kit_text(body));
}
END_TEST

START_TEST(body_cut_off)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n%s", kit_word());
    kit_then_close(origin);
    struct kit_program *client = fetch(origin);
    kit_expect_exit(client, 18);
    kit_expect_error_line(client, "body");
}
END_TEST

START_TEST(reset_in_the_middle)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n%s", kit_word());
    kit_then_wait_until_read(origin);
    kit_then_reset(origin);
    kit_expect_exit(fetch(origin), 56);
}
END_TEST

START_TEST(closed_before_the_request)
{
    struct kit_origin *origin = kit_origin();
    kit_on_connect(origin);
    kit_then_reset(origin);
    struct kit_program *client = fetch(origin);
    int status = kit_wait_for_exit(client);
    kit_expect(status != 0, "the program takes no answer for one");
    kit_expect_error_line(client, NULL);
}
END_TEST

START_TEST(held_answer)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    kit_then_hold(origin);
    kit_expect_exit(fetch(origin), 28);
}
END_TEST

START_TEST(refused)
{
    struct kit_program *client = kit_run(kit_url(kit_origin_refusing(), "/%s", kit_word()));
    kit_expect_exit(client, 7);
    kit_expect_error_line(client, "refused");
}
END_TEST

START_TEST(unreachable)
{
    kit_environment("CONNECT_TIMEOUT_MS", "200");
    struct kit_program *client = kit_run(kit_url(kit_origin_unreachable(), "/%s", kit_word()));
    kit_expect_exit(client, 7);
    kit_expect_error_line(client, "timed out");
}
END_TEST

START_TEST(endless)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    kit_then_stream(origin, kit_text_stream(KIT_ENDLESS));
    struct kit_program *client = fetch(origin);
    kit_expect(kit_program_stdout(client).length == 1000, "1000 bytes are the body");
    kit_expect_exit(client, 0);
}
END_TEST

START_TEST(paused)
{
    struct kit_origin *origin = kit_origin();
    const char *body = kit_word();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", strlen(body));
    kit_then_pause(origin);
    kit_then_send(origin, "%s", body);
    struct kit_program *client = fetch(origin);
    kit_go_on(origin);
    kit_expect_stdout(client, kit_text(body));
}
END_TEST

START_TEST(after_the_client_closed)
{
    struct kit_origin *origin = kit_origin();
    answer_with_length(origin, kit_word());
    kit_then_wait_for_close(origin);
    kit_expect_exit(fetch(origin), 0);
}
END_TEST

// ---------------------------------------------------------------- a real server

// Writes a file for nginx to serve; its name.
static const char *file_of_nginx(const char *content)
{
    const char *name = kit_format("%s.txt", kit_word());
    FILE *file = fopen(kit_format("%s/%s", kit_service("NGINX_ROOT"), name), "w");
    fputs(content, file);
    fclose(file);
    return name;
}

static void fetch_from_nginx(const char *name, const char *content)
{
    struct kit_program *client = kit_run(kit_format("%s/%s", kit_service("NGINX_URL"), name));
    kit_expect_stdout(client, kit_text(content));
    kit_expect_exit(client, 0);
}

START_TEST(nginx_serves)
{
    const char *content = kit_format("%s\n", kit_word());
    const char *name = file_of_nginx(content);
    fetch_from_nginx(name, content);
    kit_expect(strstr(kit_service_log("nginx"), kit_format("\"GET /%s HTTP/1.1\" 200", name)) !=
                   NULL,
               "nginx has not seen the request");
}
END_TEST

START_TEST(nginx_stops_and_starts)
{
    const char *content = kit_format("%s\n", kit_word());
    const char *name = file_of_nginx(content);
    kit_service_do("nginx", "stop");
    struct kit_program *client = kit_run(kit_format("%s/%s", kit_service("NGINX_URL"), name));
    kit_expect_exit(client, 7);
    kit_expect_error_line(client, "refused");
    kit_service_do("nginx", "start");
    fetch_from_nginx(name, content);
}
END_TEST

// Nothing comes from a server that stands still: the program has slept for its limit.
START_TEST(nginx_stalls)
{
    const char *name = file_of_nginx("fig\n");
    kit_service_do("nginx", "stall");
    kit_expect_exit(kit_run(kit_format("%s/%s", kit_service("NGINX_URL"), name)), 0);
}
END_TEST

START_TEST(the_program_knows_the_url_alone)
{
    const char *text = (const char *)kit_program_stdout(kit_run("--environment")).data;
    kit_expect(strstr(text, "NGINX_URL=") != NULL && strstr(text, "NGINX_ROOT=") == NULL, "%s",
               text);
}
END_TEST

START_TEST(lacking)
{
}
END_TEST

START_TEST(no_such_service)
{
}
END_TEST

// ---------------------------------------------------------------- authors' mistakes

START_TEST(step_without_turn)
{
    kit_then_close(kit_origin());
}
END_TEST

START_TEST(origin_dies)
{
    struct kit_origin *origin = kit_origin();
    answer_with_length(origin, kit_word());
    fetch(origin);
    abort();
}
END_TEST

START_TEST(memory_of_a_sanitized_build)
{
    struct kit_origin *origin = kit_origin();
    answer_with_length(origin, kit_word());
    struct kit_program *client = fetch(origin);
    kit_expect_exit(client, 0);
    kit_expect_memory_below(client, 16);
}
END_TEST

// What the kernel gives to a client that connects can be nobody's port: an origin that is made
// later would find it taken.
START_TEST(ports_are_no_clients_own)
{
    enum { ORIGINS = 40 };
    int least = 0;
    FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
    kit_expect(range != NULL && fscanf(range, "%d", &least) == 1, "the kernel's range is unknown");
    fclose(range);
    for (int i = 0; i < ORIGINS; i++)
        kit_expect(kit_origin_port(kit_origin()) < least, "an origin has a port of the clients'");
    struct kit_origin *origin = kit_origin();
    answer_with_length(origin, "fig");
    kit_expect_exit(fetch(origin), 0);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("prints", prints_the_body);
    KIT_CHECK("prints", no_arguments_are_an_error);
    KIT_CHECK("prints", two_runs);
    KIT_CHECK("prints", large_body, .build = KIT_PLAIN);
    KIT_CHECK("prints", held_stdout, .build = KIT_PLAIN);
    KIT_CHECK("prints", left_stdout, .build = KIT_PLAIN);
    KIT_CHECK("prints", named_bytes_of_an_answer);
    KIT_CHECK("asks", request_is_right);
    KIT_CHECK("asks", other_hosts);
    KIT_CHECK("asks", ports_are_no_clients_own);
    KIT_CHECK("asks", connection_is_used_again);
    KIT_CHECK("asks", targets_have_answers_of_their_own);
    KIT_CHECK("hears", answer_in_pieces);
    KIT_CHECK("hears", until_close);
    KIT_CHECK("hears", body_cut_off);
    KIT_CHECK("hears", reset_in_the_middle);
    KIT_CHECK("hears", closed_before_the_request);
    KIT_CHECK("hears", held_answer);
    KIT_CHECK("hears", refused);
    KIT_CHECK("hears", unreachable);
    KIT_CHECK("hears", endless);
    KIT_CHECK("hears", paused);
    KIT_CHECK("hears", after_the_client_closed);
    KIT_CHECK("service", nginx_serves, .services = "nginx");
    KIT_CHECK("service", nginx_stops_and_starts, .services = "nginx");
    KIT_CHECK("service", nginx_stalls, .services = "nginx");
    KIT_CHECK("service", the_program_knows_the_url_alone, .services = "nginx");
    KIT_CHECK("author", no_such_service, .services = "samovar");
    KIT_CHECK("service", lacking, .services = "teapot");
    KIT_CHECK("author", step_without_turn);
    KIT_CHECK("author", origin_dies);
    KIT_CHECK("author", memory_of_a_sanitized_build);
}
