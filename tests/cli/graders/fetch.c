// SPDX-License-Identifier: MIT
// The grader of the made-up client lab.
#include <string.h>

#include "kit.h"

static void answer(struct kit_origin *origin, const char *body)
{
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}

START_TEST(asks_for_the_path)
{
    struct kit_origin *origin = kit_origin();
    const char *path = kit_format("/%s", kit_word());
    answer(origin, kit_word());
    kit_run(kit_url(origin, "%s", path));
    struct kit_request_read *request = kit_read_request(origin);
    kit_expect_target(request, "%s", path);
    kit_because("RFC 9112 3.2.1: the target is the URL's path");
    kit_expect_request_field(request, "Host", "%s", kit_origin_host(origin));
    kit_because("RFC 9110 7.2: Host is the URL's host and port");
}
END_TEST

START_TEST(prints_the_body)
{
    struct kit_origin *origin = kit_origin();
    const char *body = kit_format("%s %s\n", kit_word(), kit_word());
    answer(origin, body);
    struct kit_program *client = kit_run(kit_url(origin, "/%s", kit_word()));
    kit_expect_stdout(client, kit_text(body));
    kit_because("the lesson: the body goes to stdout");
    kit_expect_exit(client, 0);
}
END_TEST

START_TEST(body_comes_in_pieces)
{
    struct kit_origin *origin = kit_origin();
    const char *body = kit_random_letters(40);
    kit_answer_in_pieces(
        origin, kit_text(kit_format("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n%s", body)),
        kit_number(3, 9));
    kit_expect_stdout(kit_run(kit_url(origin, "/%s", kit_word())), kit_text(body));
    kit_because("the lesson: one recv may bring less");
}
END_TEST

// The program is started twice: what is wrong is the second time.
START_TEST(body_cut_off_is_an_error)
{
    struct kit_origin *whole = kit_origin();
    answer(whole, kit_word());
    kit_expect_exit(kit_run(kit_url(whole, "/%s", kit_word())), 0);
    struct kit_origin *origin = kit_origin();
    const char *begin = kit_word();
    kit_answer(origin, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(begin) + 10,
               begin);
    kit_then_close(origin);
    struct kit_program *client = kit_run(kit_url(origin, "/%s", kit_word()));
    kit_expect_exit(client, 1);
    kit_because("the lesson: a body that ends too early is an error");
    kit_expect_error_line(client, NULL);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("ask", asks_for_the_path);
    KIT_CHECK("body", prints_the_body);
    KIT_CHECK("body", body_comes_in_pieces);
    KIT_CHECK("errors", body_cut_off_is_an_error);
}
