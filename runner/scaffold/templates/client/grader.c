// SPDX-License-Identifier: MIT
// The grader of @ID@.
#include <string.h>

#include "kit.h"

static struct kit_origin *origin_that_says(const char *status, const char *body)
{
    struct kit_origin *origin = kit_origin();
    kit_answer(origin, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status,
               strlen(body), body);
    kit_then_close(origin);
    return origin;
}

START_TEST(prints_the_body)
{
    const char *body = kit_format("%s %s\n", kit_word(), kit_word());
    struct kit_origin *origin = origin_that_says("200 OK", body);
    struct kit_program *client = kit_run(kit_url(origin, "/%s", kit_word()));
    kit_expect_stdout(client, kit_text(body));
    kit_because("the lesson: what stands behind the empty line is printed");
    kit_expect_exit(client, 0);
}
END_TEST

START_TEST(not_found_is_an_error)
{
    struct kit_origin *origin = origin_that_says("404 Not Found", "nothing\n");
    struct kit_program *client = kit_run(kit_url(origin, "/%s", kit_word()));
    kit_expect_exit(client, 1);
    kit_because("the lesson: a status that is not 2xx ends the program with 1");
    kit_expect_error_line(client, NULL);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("body", prints_the_body);
    KIT_CHECK("status", not_found_is_an_error);
}
