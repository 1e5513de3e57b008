// SPDX-License-Identifier: MIT
/*
 * What made a program that is run ask, print, give up or wait as it did: as origin.c, for clients.
 * Where the connection is not descriptor 1, that is standard output.
 */
#include "origin_recorded.h"

static struct failure asked(long offset, const char *reply, const char *expected,
                            const char *actual)
{
    struct failure failure = body(offset, reply, expected, actual);
    failure.was_run = true;
    failure.state = "exited";
    return failure;
}

static struct failure ended(const char *actual, const char *expected)
{
    return asked(-1, "", expected, actual);
}

static struct failure printed(const char *actual, const char *expected)
{
    struct failure failure = ended(actual, expected);
    failure.printed = true;
    return failure;
}

static struct failure stuck(long suspect, long length)
{
    return (struct failure){.offset = -1,
                            .state = "stuck",
                            .was_run = true,
                            .suspect = suspect,
                            .suspect_length = length};
}

// ---------------------------------------------------------------- what it asked

#define URL                                                                                        \
    HEAD                                                                                           \
        "static char *cut(const char *text, int n)\n{\n    return strndup(text, n);\n}\n"          \
        "static void ask(const char *path, const char *query, const char *host)\n{\n"              \
        "    char out[200];\n"                                                                     \
        "    int n = sprintf(out, \"GET %s%s HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n\", path, query,\n" \
        "                    host);\n    write(1, out, n);\n}\n"                                   \
        "int main(void)\n{\n" BEGIN "const char *url = \"/fig?ripe#end\";\n"

START_TEST(text_that_was_cut_to_nothing)
{
    expect_line(URL "char *path = cut(url, 4), *host = cut(\"a:80\", 4);\n"
                    "char *query = cut(url + 4, 0); // HERE\n"
                    "ask(path, query, host);\n}\n",
                "", asked(8, "GET /fig HTTP/1.1\r\nHost: a:80\r\n\r\n", "/fig?ripe", "/fig"));
}
END_TEST

START_TEST(text_that_was_cut_too_far_behind)
{
    expect_line(URL "char *path = cut(url, 4), *host = cut(\"a:80\", 4);\n"
                    "char *query = cut(url + 4, 9); // HERE\n"
                    "ask(path, query, host);\n}\n",
                "",
                asked(13, "GET /fig?ripe#end HTTP/1.1\r\nHost: a:80\r\n\r\n", "/fig?ripe",
                      "/fig?ripe#end"));
}
END_TEST

START_TEST(text_that_stood_ready_and_was_not_taken)
{
    expect_line(HEAD "int main(void)\n{\n" BEGIN
                     "char out[200], *authority = strdup(\"a:80\"), *host = strndup(\"a:80\", 1);\n"
                     "int n = sprintf(out, \"GET / HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n\", host); "
                     "// HERE\n"
                     "write(1, out, n);\n}\n",
                "", asked(23, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "a:80", "a"));
}
END_TEST

START_TEST(length_of_a_text_that_was_put_in)
{
    expect_line(HEAD "int main(void)\n{\n" BEGIN "char out[200];\n"
                     "const char *page = strdup(\"/fig/kiwi\");\n"
                     "int folder = 1; // HERE\n"
                     "int n = sprintf(out, \"GET %.*s%s HTTP/1.1\\r\\n\\r\\n\", folder, page,\n"
                     "                strdup(\"plum\"));\nwrite(1, out, n);\n}\n",
                "", asked(5, "GET /plum HTTP/1.1\r\n\r\n", "/fig/plum", "/plum"));
}
END_TEST

START_TEST(choice_that_was_made_elsewhere)
{
    expect_line(HEAD "static int head = 1;\nstatic void follow(void)\n{\n    head = 0; // HERE\n}\n"
                     "int main(void)\n{\n" BEGIN "char out[200];\nfollow();\n"
                     "const char *method = head ? \"HEAD\" : \"GET\";\n"
                     "int n = sprintf(out, \"%s / HTTP/1.1\\r\\n\\r\\n\", method);\n"
                     "write(1, out, n);\n}\n",
                "", asked(0, "GET / HTTP/1.1\r\n\r\n", "HEAD", "GET"));
}
END_TEST

START_TEST(head_that_ends_before_a_field)
{
    struct failure failure = asked(16, "GET / HTTP/1.1\r\n\r\n", "gzip", "");
    failure.has_actual = false;
    expect_line(HEAD "int main(void)\n{\n" BEGIN "char out[200];\n"
                     "int n = sprintf(out, \"GET %s HTTP/1.1\\r\\n\\r\\n\", \"/\"); // HERE\n"
                     "write(1, out, n);\n}\n",
                "", failure);
}
END_TEST

// A connection for each host. `fd` is the second one's, if it is a new one.
#define HOSTS(rule, between)                                                                       \
    HEAD                                                                                           \
        "#include <sys/socket.h>\nstatic int fd = -1, port;\n"                                     \
        "static int fits(int wanted)\n{\n    return fd >= 0 && " rule ";\n}\n"                     \
        "static void ask(int wanted)\n{\n    struct sockaddr name = {0};\n"                        \
        "    if (!fits(wanted)) {\n        fd = socket(AF_UNIX, SOCK_STREAM, 0);\n"                \
        "        connect(fd, &name, sizeof name);\n        port = wanted;\n        dup2(1, fd);\n" \
        "    }\n    send(fd, \"GET / HTTP/1.1\\r\\n\\r\\n\", 18, 0);\n}\n"                         \
        "int main(void)\n{\n" BEGIN "ask(1);\n" between "ask(2);\n}\n"

START_TEST(connection_that_was_used_for_another_host)
{
    struct failure failure = asked(18, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", "", "");
    failure.has_expected = failure.has_actual = false;
    static const char source[] =
        HEAD "#include <sys/socket.h>\nstatic int fd = -1;\n"
             "static void ask(int wanted)\n{\n    struct sockaddr name = {0};\n"
             "    if (fd < 0) { // HERE\n        fd = socket(AF_UNIX, SOCK_STREAM, 0);\n"
             "        connect(fd, &name, sizeof name);\n        dup2(1, 5);\n        fd = 5;\n"
             "    }\n    send(fd, \"GET / HTTP/1.1\\r\\n\\r\\n\", 18, 0);\n}\n"
             "int main(void)\n{\n" BEGIN "for (int i = 0; i < 2; i++)\n    ask(i);\n}\n";
    connection = 5;
    expect_line(source, "", failure);
    connection = 1;
}
END_TEST

START_TEST(connection_that_was_given_up_before_its_time)
{
    struct failure failure = ended("2", "1");
    failure.message = "2 connections came, expected 1";
    expect_line(HOSTS("wanted > 0", "fd = -1; // HERE\n"), "", failure);
}
END_TEST

START_TEST(answer_that_led_to_no_further_request)
{
    struct failure failure = ended("1", "2");
    failure.message = "1 request came, expected 2";
    expect_line(HEAD "#include <sys/socket.h>\n"
                     "static int moved(int status)\n{\n"
                     "    return status == 301 || status == 302; // HERE\n}\n"
                     "int main(void)\n{\n" BEGIN "char in[50] = \"\";\nint more;\ndo {\n"
                     "    send(1, \"GET / HTTP/1.1\\r\\n\\r\\n\", 18, 0);\n"
                     "    recv(1, in, sizeof in - 1, 0);\n    more = moved(atoi(in));\n"
                     "} while (more);\nreturn 0;\n}\n",
                "308", failure);
}
END_TEST

// ---------------------------------------------------------------- how it ended

#define GIVE_UP                                                                                    \
    HEAD "static void give_up(int status)\n{\n    write(2, \"no\\n\", 3);\n    exit(status);\n}\n"

START_TEST(gave_up_before_it_asked)
{
    struct failure failure = {
        .offset = -1, .state = "exited", .was_run = true, .suspect = -1, .status = 3};
    expect_line(GIVE_UP "static int is_url(const char *text)\n{\n"
                        "    for (; *text != 0; text++)\n"
                        "        if (*text == '%') // HERE\n            return 0;\n"
                        "    return 1;\n}\n"
                        "int main(void)\n{\n" BEGIN "char url[] = \"/a%20b\";\n"
                        "if (!is_url(url))\n    give_up(3);\n}\n",
                "", failure);
}
END_TEST

// A function that is called from two places gives up for its callers.
START_TEST(gave_up_in_a_helper)
{
    expect_line(GIVE_UP "static char in[50];\n"
                        "static int more(void)\n{\n    return read(1, in, 3) > 0;\n}\n"
                        "static void need(void)\n{\n    if (!more())\n        give_up(8);\n}\n"
                        "int main(void)\n{\n" BEGIN "need();\n"
                        "need(); // HERE\n}\n",
                "fig", ended("exit status 8", "exit status 0"));
}
END_TEST

START_TEST(gave_up_for_an_object_that_was_made_otherwise)
{
    expect_line("#include <regex.h>\n" GIVE_UP "int main(void)\n{\n" BEGIN
                "char in[50] = \"\";\nregex_t *words = malloc(sizeof "
                "*words);\nread(1, in, sizeof in - 1);\n"
                "regcomp(words, \"kiwi\", 0); // HERE\n"
                "if (regexec(words, in, 0, NULL, 0) != 0)\n    give_up(7);\n}\n",
                "fig", ended("exit status 7", "exit status 0"));
}
END_TEST

START_TEST(went_on_when_no_more_came)
{
    expect_line(GIVE_UP "static char in[50];\n"
                        "static int more(void)\n{\n    if (recv(1, in, 3, 0) <= 0)\n"
                        "        return 0;\n    return 1;\n}\n"
                        "static void need(void)\n{\n    if (!more())\n        give_up(8);\n}\n"
                        "int main(void)\n{\n" BEGIN "need();\nwhile (1) {\n"
                        "    if (!more()) // HERE\n        break;\n}\nreturn 0;\n}\n",
                "fig", ended("exit status 0", "exit status 8"));
}
END_TEST

START_TEST(went_on_when_nothing_could_be_written)
{
    connection = 7;
    expect_line(HEAD "int main(void)\n{\n" BEGIN "close(1);\nlong n = write(1, \"fig\", 3);\n"
                     "if (n < 0) // HERE\n    return 0;\nreturn 0;\n}\n",
                "", ended("exit status 0", "exit status 10"));
    connection = 1;
}
END_TEST

START_TEST(took_for_a_number_what_is_none)
{
    struct failure failure = ended("exit status 0", "exit status 7");
    failure.suspect = 0;
    failure.suspect_length = 2;
    expect_line(HEAD "static long number(const char *text)\n{\n"
                     "    return strtol(text, NULL, 10); // HERE\n}\n"
                     "int main(void)\n{\n" BEGIN "char in[50] = \"\";\n"
                     "read(1, in, sizeof in - 1);\nlong a = number(in), b = number(\"3\");\n"
                     "if (a > 100)\n    return 1;\nreturn 0;\n}\n",
                "5x", failure);
}
END_TEST

START_TEST(pointer_that_was_set_to_nothing)
{
    struct failure failure = ended("signal 11", "exit status 0");
    failure.state = "signalled";
    failure.status = SIGSEGV;
    expect_line(HEAD "static struct { char *host; int port; } kept = {\"fig\", 1};\n"
                     "static void hang_up(void)\n{\n    kept.host = NULL; // HERE\n}\n"
                     "int main(void)\n{\n" BEGIN "hang_up();\n"
                     "return strcmp(kept.host, \"fig\");\n}\n",
                "", failure);
}
END_TEST

// ---------------------------------------------------------------- what it printed

// A body of three bytes, of which the first read brings none.
START_TEST(left_off_reading)
{
    connection = 5;
    expect_line(HEAD "int main(void)\n{\n" BEGIN "dup2(1, 5);\nchar in[50] = \"\";\n"
                     "int left = 3, got = read(5, in, 2), used = 2;\n"
                     "while (left > 0 && used < got) { // HERE\n"
                     "    got += read(5, in, 3);\n    write(1, in, 3);\n    left -= 3;\n}\n"
                     "return 0;\n}\n",
                "2:fig", printed("", "fig"));
    connection = 1;
}
END_TEST

// A function reads for others when there is need, and there was none.
START_TEST(left_off_asking_for_more)
{
    connection = 5;
    expect_line(HEAD "static char in[50];\nstatic int got, used;\n"
                     "static int more(void)\n{\n    while (used == got) {\n"
                     "        got = read(5, in, 2);\n        used = 0;\n    }\n"
                     "    return 1;\n}\n"
                     "int main(void)\n{\n" BEGIN "dup2(1, 5);\nmore();\nused = got;\nmore();\n"
                     "if (more()) // HERE\n    used = got;\nreturn 0;\n}\n",
                "ab:fig", printed("", "fig"));
    connection = 1;
}
END_TEST

START_TEST(passed_over_what_was_to_be_printed)
{
    connection = 5;
    expect_line(HEAD "static void show(const char *text, int quiet)\n{\n    if (quiet)\n"
                     "        return;\n    write(1, text, strlen(text));\n}\n"
                     "int main(void)\n{\n" BEGIN "dup2(1, 5);\nchar in[50] = \"\";\n"
                     "read(5, in, sizeof in - 1);\n"
                     "show(in, 1); // HERE\nreturn 0;\n}\n",
                "fig", printed("", "fig"));
    connection = 1;
}
END_TEST

START_TEST(printed_what_was_to_be_passed_over)
{
    connection = 5;
    expect_line(HEAD "static void show(const char *text, int quiet)\n{\n    if (quiet)\n"
                     "        return;\n    write(1, text, 3);\n}\n"
                     "int main(void)\n{\n" BEGIN "dup2(1, 5);\nchar in[50] = \"\";\n"
                     "read(5, in, sizeof in - 1);\n"
                     "show(in, 0); // HERE\n"
                     "write(1, in + 3, 3);\nreturn 0;\n}\n",
                "oldnew", printed("oldnew", "new"));
    connection = 1;
}
END_TEST

START_TEST(printed_more_than_there_was)
{
    connection = 5;
    expect_line(HEAD "int main(void)\n{\n" BEGIN "dup2(1, 5);\nchar in[50] = \"\";\n"
                     "read(5, in, sizeof in - 1);\n"
                     "unsigned long length = strlen(in); // HERE\n"
                     "write(1, in, length);\nreturn 0;\n}\n",
                "figkiwi", printed("figkiwi", "fig"));
    connection = 1;
}
END_TEST

START_TEST(number_whose_text_began_too_late)
{
    connection = 5;
    expect_line(HEAD "int main(void)\n{\n" BEGIN "dup2(1, 5);\nchar in[50] = \"\";\n"
                     "read(5, in, sizeof in - 1);\n"
                     "char *text = in + 2; // HERE\n"
                     "unsigned long length = strtoul(text, NULL, 10);\n"
                     "write(1, in + 4, length);\nreturn 0;\n}\n",
                ":12:fig kiwi plum", printed("fi", "fig kiwi plu"));
    connection = 1;
}
END_TEST

// ---------------------------------------------------------------- what it waits for

START_TEST(time_limit_of_a_timer)
{
    struct failure failure = stuck(-1, 0);
    failure.waits = true;
    expect_line(HEAD "#include <sys/time.h>\nstatic int setting(const char *text)\n{\n"
                     "    return 1000 * atoi(text); // HERE\n}\n"
                     "static void set(int ms)\n{\n"
                     "    struct itimerval timer = {.it_value = {ms / 1000, ms % 1000 * 1000}};\n"
                     "    setitimer(ITIMER_REAL, &timer, NULL);\n}\n"
                     "int main(void)\n{\n" BEGIN "char in[50];\nset(setting(\"300\"));\n" HANG
                     "pause();\n}\n",
                "", failure);
}
END_TEST

START_TEST(way_to_where_it_waits)
{
    expect_line(HEAD "static int has_length, is_last, ends[2];\n"
                     "static void copy(void)\n{\n    char in[50];\n" HANG
                     "    while (read(ends[0], in, sizeof in) > 0)\n        continue;\n}\n"
                     "int main(void)\n{\n" BEGIN "pipe(ends);\nhas_length = 1;\n"
                     "if (has_length && is_last) // HERE\n    return 0;\nelse\n    copy();\n}\n",
                "", stuck(-1, 0));
}
END_TEST

START_TEST(number_that_sscanf_read)
{
    expect_line(HEAD "#include <sys/socket.h>\n"
                     "int main(void)\n{\n" BEGIN "char in[50] = \"\";\nint status = 0;\n"
                     "recv(1, in, sizeof in - 1, 0);\nsscanf(in, \"HTTP %d\", &status);\n"
                     "char *line = strchr(in, '\\n');\n"
                     "if (line == NULL || line[1] != 'x')\n    return 1;\n"
                     "if (status == 304) // HERE\n    return 0;\n" HANG
                     "recv(1, in, sizeof in - 1, 0);\n}\n",
                "HTTP 204\nx", stuck(5, 3));
}
END_TEST

int main(void)
{
    if (!recorded_begin())
        return 1;
    Suite *suite = suite_create("origin_client");
    TCase *tests = tcase_create("origin_client");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, text_that_was_cut_to_nothing);
    tcase_add_test(tests, text_that_was_cut_too_far_behind);
    tcase_add_test(tests, text_that_stood_ready_and_was_not_taken);
    tcase_add_test(tests, length_of_a_text_that_was_put_in);
    tcase_add_test(tests, choice_that_was_made_elsewhere);
    tcase_add_test(tests, head_that_ends_before_a_field);
    tcase_add_test(tests, connection_that_was_used_for_another_host);
    tcase_add_test(tests, connection_that_was_given_up_before_its_time);
    tcase_add_test(tests, answer_that_led_to_no_further_request);
    tcase_add_test(tests, gave_up_before_it_asked);
    tcase_add_test(tests, gave_up_in_a_helper);
    tcase_add_test(tests, gave_up_for_an_object_that_was_made_otherwise);
    tcase_add_test(tests, went_on_when_no_more_came);
    tcase_add_test(tests, went_on_when_nothing_could_be_written);
    tcase_add_test(tests, took_for_a_number_what_is_none);
    tcase_add_test(tests, pointer_that_was_set_to_nothing);
    tcase_add_test(tests, left_off_reading);
    tcase_add_test(tests, left_off_asking_for_more);
    tcase_add_test(tests, passed_over_what_was_to_be_printed);
    tcase_add_test(tests, printed_what_was_to_be_passed_over);
    tcase_add_test(tests, printed_more_than_there_was);
    tcase_add_test(tests, number_whose_text_began_too_late);
    tcase_add_test(tests, time_limit_of_a_timer);
    tcase_add_test(tests, way_to_where_it_waits);
    tcase_add_test(tests, number_that_sscanf_read);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    recorded_end();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
