// SPDX-License-Identifier: MIT
/*
 * What made a byte: small programs are compiled, executed under the stepper, and asked about. The
 * line that must be named carries the comment HERE.
 */
#include "origin_recorded.h"

#include "origin_library.h"

// ---------------------------------------------------------------- wrong bytes

START_TEST(made_three_calls_away)
{
    expect_line(HEAD "static char out[100];\n"
                     "static void put(const char *text) { strcat(out, text); }\n"
                     "static void field(const char *text) { put(text); put(\"\\n\"); }\n"
                     "static void fields(void)\n{\n"
                     "    field(\"right\");\n"
                     "    field(\"wrong\"); // HERE\n"
                     "}\n"
                     "static void flush(void) { write(1, out, strlen(out)); }\n"
                     "int main(void)\n{\n" BEGIN "fields();\nflush();\n}\n",
                "", body(6, "right\nwrong\n", "left", "wrong"));
}
END_TEST

START_TEST(number_of_a_struct_is_formatted)
{
    expect_line(HEAD "struct answer { int status; };\n"
                     "static void choose(struct answer *a)\n{\n    a->status = 404; // HERE\n}\n"
                     "static void print(struct answer *a)\n{\n    char text[50];\n"
                     "    int n = snprintf(text, sizeof text, \"HTTP/1.1 %d x\\n\", a->status);\n"
                     "    write(1, text, n);\n}\n"
                     "int main(void)\n{\n" BEGIN "struct answer a;\nchoose(&a);\nprint(&a);\n}\n",
                "", body(9, "HTTP/1.1 404 x\n", "410", "404"));
}
END_TEST

START_TEST(returned_number)
{
    expect_line(HEAD "static int status(int size)\n{\n    if (size > 3)\n"
                     "        return 201;\n    return 204; // HERE\n}\n"
                     "int main(void)\n{\n" BEGIN "char text[50];\nint s = status(3);\n"
                     "int n = snprintf(text, sizeof text, \"HTTP/1.1 %d x\\n\", s);\n"
                     "write(1, text, n);\n}\n",
                "", body(9, "HTTP/1.1 204 x\n", "200", "204"));
}
END_TEST

START_TEST(named_constant)
{
    expect_line(HEAD "static const char hello[] = \"hello, word\\n\"; // HERE\n"
                     "int main(void)\n{\n" BEGIN "write(1, hello, strlen(hello));\n}\n",
                "", body(10, "hello, word\n", "l", "d"));
}
END_TEST

START_TEST(byte_loop)
{
    expect_line(HEAD "int main(void)\n{\n" BEGIN "char in[50] = \"\", out[50];\n"
                     "read(1, in, sizeof in - 1);\nchar *to = out;\n"
                     "for (char *from = in; *from != 0; from++)\n{\n"
                     "    if (*from == 'b')\n        from++;\n"
                     "    *to++ = *from; // HERE\n}\n"
                     "write(1, out, to - out);\n}\n",
                "aabcd", body(2, "aacd", "aad", "aac"));
}
END_TEST

START_TEST(copied_from_too_early)
{
    expect_line(HEAD "int main(void)\n{\n" BEGIN "char in[50] = \"\", out[50];\n"
                     "read(1, in, sizeof in - 1);\nchar *from = in + 2; // HERE\n"
                     "memcpy(out, from, strlen(from));\n"
                     "write(1, out, strlen(from));\n}\n",
                "ab-word", body(0, "-word", "word", "-word"));
}
END_TEST

// The failure is at the value of a field, behind its name: the value is wrong, not that it is
// there.
START_TEST(value_of_a_field)
{
    struct failure failure = body(33, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nmango", "",
                                  "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nmango");
    failure.has_expected = false;
    expect_line(
        HEAD "static int is_long(const char *text)\n{\n    return strlen(text) > 2;\n}\n"
             "int main(void)\n{\n" BEGIN "char out[90]; size_t length = 0;\n"
             "if (is_long(\"mango\"))\n"
             "    length = strlen(\"mango\") + 7; // HERE\n"
             "int n = snprintf(out, 90, \"HTTP/1.1 200 OK\\r\\nContent-Length: %zu\\r\\n\\r\\n\"\n"
             "    \"mango\", length);\nwrite(1, out, n);\n}\n",
        "", failure);
}
END_TEST

START_TEST(length_one_short)
{
    expect_line(HEAD "struct text { char *data; size_t length; };\n"
                     "static struct text take(char *word)\n{\n    struct text t = {word, 0};\n"
                     "    t.length = strlen(word) - 1; // HERE\n    return t;\n}\n"
                     "int main(void)\n{\n" BEGIN "char in[50] = \"\", out[50];\n"
                     "read(1, in, sizeof in - 1);\nstruct text t = take(in);\n"
                     "memcpy(out, t.data, t.length);\nwrite(1, out, t.length);\n}\n",
                "word", body(3, "wor", "word", "wor"));
}
END_TEST

START_TEST(last_look)
{
    struct failure failure = {.offset = -1, .state = "stuck", .suspect = 3, .suspect_length = 1};
    expect_line(HEAD "int main(void)\n{\n" BEGIN "char in[50] = \"\", copy[50];\n"
                     "read(1, in, sizeof in - 1);\nstrcpy(copy, in);\n"
                     "if (strchr(in, 'c') == NULL)\n    return 1;\n"
                     "if (copy[3] == 'x') // HERE\n    return 2;\n"
                     "write(1, \"x\", 1);\n}\n",
                "abcd", failure);
}
END_TEST

static struct failure ended_with(const char *actual, const char *expected, long suspect,
                                 long length)
{
    struct failure failure = body(-1, "", expected, actual);
    failure.state = "exited";
    failure.was_run = true;
    failure.suspect = suspect;
    failure.suspect_length = length;
    return failure;
}

// A client that reads a number and a word. `rule`: how it judges them.
#define READER(rule)                                                                               \
    HEAD "static void give_up(int status)\n{\n    write(2, \"no\\n\", 3);\n    exit(status);\n}\n" \
         "int main(void)\n{\n" BEGIN "char in[50] = \"\";\nread(1, in, sizeof in - 1);\n"          \
         "char *word = strchr(in, ' ');\nif (word == NULL)\n    give_up(3);\n" rule                \
         "return 0;\n}\n"

START_TEST(gave_up_for_a_condition)
{
    expect_line(READER("if (strcmp(word, \" fig\") == 0) // HERE\n    give_up(7);\n"), "5 fig",
                ended_with("exit status 7", "exit status 0", -1, 0));
}
END_TEST

START_TEST(did_not_give_up_for_the_marked_bytes)
{
    expect_line(READER("int number = atoi(in);\nif (number > 500) // HERE\n    give_up(7);\n"
                       "if (getenv(\"MANGO\") != NULL)\n    give_up(7);\n"),
                "404 fig", ended_with("exit status 0", "exit status 7", 0, 3));
}
END_TEST

START_TEST(looked_at_the_marked_bytes_and_went_on)
{
    expect_line(READER("if (strcmp(word, \" kiwi\") == 0) // HERE\n    write(1, \"x\", 1);\n"),
                "5 fig", ended_with("exit status 0", "exit status 7", 2, 3));
}
END_TEST

START_TEST(thread_and_process)
{
    expect_line(HEAD "#include <pthread.h>\n#include <sys/wait.h>\n"
                     "static void *serve(void *a)\n{\n"
                     "    char text[20];\n    strcpy(text, \"wrong\"); // HERE\n"
                     "    write(1, text, 5);\n    return NULL;\n}\n"
                     "int main(void)\n{\n" BEGIN "if (fork() == 0)\n{\n    pthread_t t;\n"
                     "    pthread_create(&t, NULL, serve, NULL);\n    pthread_join(t, NULL);\n"
                     "    _exit(0);\n}\nwait(NULL);\n}\n",
                "", body(0, "wrong", "right", "wrong"));
}
END_TEST

// ---------------------------------------------------------------- bytes that did not come back

static struct failure missing(long place, const char *sent_back)
{
    return (struct failure){.offset = -1,
                            .state = "stuck",
                            .suspect = place,
                            .suspect_length = 1,
                            .reply = bytes_of(sent_back)};
}

START_TEST(length_of_a_sending_that_ended_before_the_byte)
{
    expect_line(HEAD "struct client { char data[90]; size_t start, end; } c;\n"
                     "static void receive(struct client *c)\n{\n"
                     "    ssize_t n = recv(1, c->data, sizeof c->data, 0);\n"
                     "    c->start = 0;\n"
                     "    c->end = n - 1; // HERE\n}\n"
                     "int main(void)\n{\n" BEGIN "receive(&c);\n"
                     "send(1, c.data + c.start, c.end - c.start, 0);\n}\n",
                "mango", missing(4, "mang"));
}
END_TEST

// 4096 bytes are what a pipe of one page takes.
START_TEST(what_came_next_behind_a_sending_that_took_a_part)
{
    char input[5001];
    memset(input, 'x', sizeof input - 1);
    input[sizeof input - 1] = '\0';
    expect_line("#define _GNU_SOURCE\n" HEAD
                "#include <fcntl.h>\nstatic char data[8000]; static size_t start, end;\n"
                "int main(void)\n{\nint ends[2];\n" BEGIN
                "while (end < 5000)\n    end += read(1, data + end, 5000 - end);\n"
                "pipe(ends);\nfcntl(ends[1], F_SETPIPE_SZ, 4096);\n"
                "fcntl(ends[1], F_SETFL, O_NONBLOCK);\ndup2(ends[1], 1);\n"
                "write(1, data + start, end - start);\n"
                "start = end; // HERE\n}\n",
                input, missing(4096, ""));
}
END_TEST

START_TEST(what_was_read_and_never_sent)
{
    struct failure failure = body(0, "", "mango", "");
    failure.suspect = 0;
    failure.suspect_length = 1;
    expect_line(HEAD "static int length;\nint main(void)\n{\nint off = 0;\n" BEGIN
                     "char data[50];\nint n = recv(1, data, sizeof data, 0);\n"
                     "length = n & 2; // HERE\n"
                     "while (off < length)\n    off += send(1, data, length, 0);\n}\n",
                "mang", failure);
}
END_TEST

START_TEST(byte_that_was_sent_to_somebody_else)
{
    expect_line(HEAD "#include <sys/socket.h>\nint main(void)\n{\nint other[2];\n"
                     "socketpair(AF_UNIX, SOCK_STREAM, 0, other);\n" BEGIN
                     "char data[50];\nlong n = recv(1, data, sizeof data, 0);\n"
                     "send(other[0], data, n, 0); // HERE\n}\n",
                "mango", missing(0, ""));
}
END_TEST

START_TEST(byte_of_another_client)
{
    expect_line(HEAD "#include <sys/socket.h>\nint main(void)\n{\nint other[2];\n"
                     "socketpair(AF_UNIX, SOCK_STREAM, 0, other);\n"
                     "send(other[1], \"wrong\", 5, 0);\n" BEGIN
                     "char data[50];\nlong n = recv(other[0], data, sizeof data, 0);\n"
                     "send(1, data, n, 0); // HERE\n}\n",
                "", body(0, "wrong", "right", "wrong"));
}
END_TEST

// ---------------------------------------------------------------- why it was closed

static struct failure closed(long offset, const char *reply)
{
    return (struct failure){.offset = offset,
                            .message = "the connection was closed",
                            .suspect = -1,
                            .reply = bytes_of(reply)};
}

START_TEST(answer_that_functions_handed_on)
{
    expect_line(HEAD "struct client { int done; } c;\n"
                     "static int is_done(struct client *c)\n{\n    return c->done;\n}\n"
                     "static void receive(struct client *c)\n{\n    char data[90];\n"
                     "    ssize_t n = recv(1, data, sizeof data, 0);\n"
                     "    c->done = n <= 5; // HERE\n}\n"
                     "static int serve(struct client *c)\n{\n    receive(c);\n"
                     "    if (is_done(c))\n        return 0;\n    return !is_done(c);\n}\n"
                     "static void drop(void)\n{\n    close(1);\n}\n"
                     "int main(void)\n{\n" BEGIN "if (!serve(&c))\n    drop();\n}\n",
                "mango", closed(0, ""));
}
END_TEST

START_TEST(one_of_two_questions_on_a_line)
{
    expect_line(HEAD "#include <stdbool.h>\nint main(void)\n{\nbool done;\nint length = 0;\n"
                     "char data[50];\n" BEGIN "done = recv(1, data, 50, 0) < 50; // HERE\n"
                     "if (done && length == 0)\n    close(1);\n}\n",
                "mango", closed(0, ""));
}
END_TEST

START_TEST(loop_that_was_left_before_the_close)
{
    expect_line(HEAD "static void serve(int fd)\n{\n    char data[50];\n"
                     "    while (recv(fd, data, sizeof data, 0) > 5) // HERE\n"
                     "        send(fd, data, 5, 0);\n}\n"
                     "int main(void)\n{\n" BEGIN "int fd = 1;\nif (fd < 0)\n    return 1;\n"
                     "serve(fd);\nclose(fd);\n}\n",
                "mango", closed(0, ""));
}
END_TEST

START_TEST(process_that_ended_with_its_client)
{
    expect_line(HEAD "#include <sys/wait.h>\nstatic void serve(int fd)\n{\n    char data[50];\n"
                     "    while (recv(fd, data, sizeof data, 0) > 5) // HERE\n"
                     "        send(fd, data, 5, 0);\n}\n"
                     "int main(void)\n{\n" BEGIN "if (fork() == 0) {\n"
                     "    serve(1);\n    exit(0);\n}\nclose(1);\nwait(NULL);\n}\n",
                "mango", closed(0, ""));
}
END_TEST

// ---------------------------------------------------------------- why it ended

static struct failure ended(const char *awaited, long status)
{
    return (struct failure){.offset = -1,
                            .state =
                                status == SIGPIPE || status == SIGABRT ? "signalled" : "exited",
                            .suspect = -1,
                            .awaited = awaited,
                            .status = status};
}

START_TEST(condition_of_an_exit)
{
    expect_line(HEAD "static void die(int status)\n{\n    exit(status);\n}\n"
                     "int main(void)\n{\n" BEGIN "char data[50];\n"
                     "long n = read(1, data, 50);\n"
                     "if (n == 5) // HERE\n    die(3);\n}\n",
                "mango", ended("running", 3));
}
END_TEST

START_TEST(condition_of_an_abort)
{
    expect_line(HEAD "int main(void)\n{\n" BEGIN "char data[50];\n"
                     "if (read(1, data, 50) == 5) // HERE\n    abort();\n}\n",
                "mango", ended("running", SIGABRT));
}
END_TEST

START_TEST(condition_that_left_the_main_loop)
{
    expect_line(HEAD "int main(void)\n{\n" BEGIN "char data[50];\n"
                     "for (;;) {\n    long n = recv(1, data, 50, 0);\n"
                     "    if (n == 5) // HERE\n        break;\n    send(1, data, n, 0);\n}\n"
                     "for (int i = 0; i < 3; i++)\n    data[i] = 0;\nreturn 0;\n}\n",
                "mango", ended("running", 0));
}
END_TEST

START_TEST(number_of_an_exit_status)
{
    expect_line(HEAD "static int finish(void)\n{\n    return 7; // HERE\n}\n"
                     "int main(void)\n{\n" BEGIN "int status = finish();\nreturn status;\n}\n",
                "", ended("exit", 7));
}
END_TEST

START_TEST(another_program_of_the_check_is_not_told)
{
    static const char source[] =
        HEAD "int main(void)\n{\n" BEGIN "if (getpid() > 1)\n    return 7;\n}\n";
    struct told told;
    struct failure failure = ended("running", 1);
    struct recording *r = record(source, "");
    failure.message = "";
    decide(r, &failure, &told);
    ck_assert_int_eq(told.kind, TOLD_NONE);
    recording_free(r);
}
END_TEST

START_TEST(what_a_signal_does_was_chosen)
{
    expect_line(HEAD "int main(void)\n{\n" BEGIN "signal(SIGPIPE, SIG_IGN);\n"
                     "signal(SIGPIPE, SIG_DFL); // HERE\nwrite(1, \"x\", 1);\n}\n",
                "", ended("running", SIGPIPE));
}
END_TEST

// ---------------------------------------------------------------- an answer in lines

static struct failure line_came(const char *reply, const char *expected, long suspect, long length)
{
    struct failure failure = body(0, reply, expected, reply);
    failure.suspect = suspect;
    failure.suspect_length = suspect < 0 ? 0 : length;
    return failure;
}

// A server that reads one command and answers it with a line, from one buffer.
#define LINES(rule)                                                                                \
    HEAD "#include <ctype.h>\nstatic char out[90];\n"                                              \
         "static void reply(const char *line)\n{\n    strcpy(out, line);\n"                        \
         "    strcat(out, \"\\r\\n\");\n    write(1, out, strlen(out));\n}\n"                      \
         "static int number(const char *text)\n{\n    int n = 0;\n"                                \
         "    for (; *text != '\\0'; text++) {\n        if (!isdigit((unsigned char)*text))\n"     \
         "            return -1;\n        n = 10 * n + *text - '0';\n    }\n    return n;\n}\n"    \
         "int main(void)\n{\n" BEGIN "char in[50] = \"\";\nread(1, in, sizeof in - 1);\n" rule     \
         "return number(\"1\") + number(\"2\") > 9;\n}\n"

START_TEST(condition_that_led_past_the_expected_answer)
{
    expect_line(LINES("if (strlen(in) > 9) // HERE\n    reply(\"NOT_STORED\");\n"
                      "else\n    reply(\"STORED\");\n"),
                "add fig", line_came("STORED\r\n", "NOT_STORED\r\n", -1, 0));
}
END_TEST

START_TEST(answer_that_nobody_chose)
{
    expect_line(LINES("if (in[0] == 'x')\n    reply(\"ERROR\");\nreply(\"DELETED\"); // HERE\n"),
                "delete fig", line_came("DELETED\r\n", "NOT_FOUND\r\n", -1, 0));
}
END_TEST

START_TEST(condition_on_a_number_that_was_marked)
{
    expect_line(LINES("int n = number(in + 4);\nif (n < 5) // HERE\n    reply(\"ERROR\");\n"
                      "else\n    reply(\"STORED\");\n"),
                "set 7", line_came("STORED\r\n", "CLIENT_ERROR\r\n", 4, 1));
}
END_TEST

START_TEST(answer_to_a_command_that_was_recognized)
{
    expect_line(LINES("if (strcmp(in, \"flush\") == 0)\n    reply(\"OK\"); // HERE\n"
                      "reply(\"VALUE\");\n"),
                "flush",
                (struct failure){.offset = 4,
                                 .suspect = 0,
                                 .suspect_length = 5,
                                 .has_expected = true,
                                 .has_actual = true,
                                 .expected = bytes_of("END\r\n"),
                                 .actual = bytes_of("VALUE\r\n"),
                                 .reply = bytes_of("OK\r\nVALUE\r\n")});
}
END_TEST

START_TEST(number_that_lost_its_upper_bits)
{
    expect_line(LINES("unsigned long n = 70000; unsigned kept;\n"
                      "kept = (unsigned short)n; // HERE\n"
                      "char text[50];\nsnprintf(text, 50, \"VALUE %u\", kept);\nreply(text);\n"),
                "get fig",
                (struct failure){.offset = 6,
                                 .suspect = -1,
                                 .has_expected = true,
                                 .has_actual = true,
                                 .expected = bytes_of("VALUE 70000\r\n"),
                                 .actual = bytes_of("VALUE 4464\r\n"),
                                 .reply = bytes_of("VALUE 4464\r\n")});
}
END_TEST

START_TEST(zeros_behind_a_text_that_was_copied)
{
    static unsigned char sent[] = "ma\0\0\0";
    struct failure failure = body(4, NULL, "mangos", "ma??");
    failure.reply = (struct bytes){sent, sizeof sent};
    expect_line(HEAD "int main(void)\n{\n" BEGIN "char in[50] = \"\", out[50];\n"
                     "read(1, in, sizeof in - 1);\nin[2] = '\\0';\n"
                     "strncpy(out, in, 6); // HERE\nwrite(1, out, 6);\n}\n",
                "mangos", failure);
}
END_TEST

// ---------------------------------------------------------------- why it waits

// A listener, and clients of the program's own.
#define CLIENTS                                                                                    \
    HEAD "#include <fcntl.h>\n#include <poll.h>\n#include <stdbool.h>\n#include <sys/socket.h>\n"  \
         "static int listener;\n"                                                                  \
         "static int new_client(void)\n{\n    struct sockaddr name; socklen_t size = sizeof "      \
         "name;\n"                                                                                 \
         "    getsockname(listener, &name, &size);\n"                                              \
         "    int fd = socket(AF_UNIX, SOCK_STREAM, 0);\n    connect(fd, &name, size);\n"          \
         "    return fd;\n}\n"                                                                     \
         "static void open_listener(void)\n{\n    sa_family_t family = AF_UNIX;\n"                 \
         "    listener = socket(AF_UNIX, SOCK_STREAM, 0);\n"                                       \
         "    bind(listener, (struct sockaddr *)&family, sizeof family);\n"                        \
         "    listen(listener, 9);\n}\n"

static struct failure hang(const char *awaited)
{
    return (struct failure){.offset = -1, .state = "stuck", .suspect = -1, .awaited = awaited};
}

START_TEST(last_place_of_a_descriptor_that_nobody_closed)
{
    expect_line(CLIENTS "struct client { int fd; } *client;\n"
                        "static void take(void)\n{\n    int fd = accept(listener, NULL, NULL);\n"
                        "    client = malloc(sizeof *client);\n    client->fd = fd;\n"
                        "    " CONNECTION(
                            "fd") "}\n"
                                  "int main(void)\n{\n" BEGIN "open_listener();\n"
                                  "shutdown(new_client(), SHUT_WR);\ntake();\n"
                                  "char data[50];\nif (recv(client->fd, data, 50, 0) == 0) {\n"
                                  "    shutdown(client->fd, SHUT_RD);\n"
                                  "    free(client); // HERE\n}\n" HANG
                                  "accept(listener, NULL, NULL);\n}\n",
                "", hang("close"));
}
END_TEST

START_TEST(last_question_about_the_end_of_input)
{
    expect_line(CLIENTS "int main(void)\n{\n" BEGIN "open_listener();\n"
                        "shutdown(new_client(), SHUT_WR);\n"
                        "int fd = accept(listener, NULL, NULL);\n" CONNECTION(
                            "fd") "char data[50];\nlong n = recv(fd, data, 50, 0);\n"
                                  "if (n < 0) // HERE\n    close(fd);\n"
                                  "struct pollfd set = {listener, POLLIN};\n" HANG
                                  "poll(&set, 1, -1);\nclose(fd);\n}\n",
                "", hang("close"));
}
END_TEST

#define MANY                                                                                       \
    CLIENTS "enum { MOST = 3 };\nstatic int count;\n"                                              \
            "static bool take(void)\n{\n"                                                          \
            "    if (count >= MOST) // HERE\n        return false;\n"                              \
            "    accept(listener, NULL, NULL);\n    count++;\n    return true;\n}\n"               \
            "static void ask(struct pollfd *set, bool full)\n{\n"                                  \
            "    *set = (struct pollfd){.fd = full ? -1 : listener, .events = POLLIN};\n}\n"

START_TEST(limit_for_which_no_client_is_waited_for)
{
    static const char source[] =
        MANY "int main(void)\n{\nbool full = false;\n" BEGIN "open_listener();\n"
             "for (int i = 0; i < 4; i++)\n    new_client();\n"
             "for (;;) {\n    struct pollfd set;\n    ask(&set, full);\n"
             "    if (full)\n        " HANG "    poll(&set, 1, -1);\n    full = !take();\n}\n}\n";
    struct failure failure = hang("");
    struct told told;
    connection = -1;
    struct recording *r = record(source, "");
    connection = 1;
    failure.message = "";
    decide(r, &failure, &told);
    ck_assert_int_eq(told.line, marked_line(source));
    ck_assert_str_eq(told.name, "MOST");
    ck_assert(told.name_on_line);
    recording_free(r);
}
END_TEST

START_TEST(last_condition_that_kept_it_from_ending)
{
    expect_line(CLIENTS "int main(void)\n{\nchar data[50];\nint busy = 1;\n" BEGIN
                        "recv(1, data, 50, 0);\nopen_listener();\n"
                        "if (busy == 0) // HERE\n    close(1);\n"
                        "struct pollfd set = {listener, POLLIN};\n" HANG "poll(&set, 1, -1);\n}\n",
                "mango", hang("exit"));
}
END_TEST

START_TEST(events_that_a_client_is_not_asked_about)
{
    struct failure failure = hang("");
    failure.suspect = 0;
    failure.suspect_length = 1;
    expect_line(CLIENTS "int main(void)\n{\nchar data[50];\n" BEGIN "open_listener();\n"
                        "new_client();\nint fd = accept(listener, NULL, NULL);\n" CONNECTION(
                            "fd") "struct pollfd set = {.fd = fd};\n"
                                  "set.events = POLLPRI; // HERE\n" HANG "poll(&set, 1, -1);\n}\n",
                "mango", failure);
}
END_TEST

START_TEST(socket_that_was_made_a_blocking_one)
{
    struct failure failure = hang("");
    failure.is_unheard = true;
    expect_line(CLIENTS "int main(void)\n{\nchar data[50];\n" BEGIN "open_listener();\n"
                        "new_client();\nint fd = accept(listener, NULL, NULL);\n"
                        "fcntl(listener, F_SETFL, O_NONBLOCK);\n"
                        "fcntl(fd, F_SETFL, 0); // HERE\n" HANG "recv(fd, data, 50, 0);\n}\n",
                "", failure);
}
END_TEST

// ---------------------------------------------------------------- a request that is half read

START_TEST(loop_that_left_off_reading)
{
    expect_line(HEAD "static void read_head(char *head)\n{\n    size_t n = 0;\n    do {\n"
                     "        long got;\n"
                     "        do\n            got = recv(1, head + n, 10, 0);\n"
                     "        while (got < 0);\n        n += got;\n"
                     "    } while (n == 0); // HERE\n}\n"
                     "int main(void)\n{\n" BEGIN "char head[90] = \"\", out[90];\n"
                     "read_head(head);\nint status = 404;\n"
                     "if (strstr(head, \"/hello\") != NULL)\n    status = 200;\n"
                     "int n = snprintf(out, 90, \"HTTP/1.1 %d x\\r\\n\\r\\n\", status);\n"
                     "write(1, out, n);\n}\n",
                "GET /a-long-way/hello HTTP/1.1\r\n\r\n",
                body(9, "HTTP/1.1 404 x\r\n\r\n", "200", "404"));
}
END_TEST

// ---------------------------------------------------------------- from main() on

START_TEST(recorded_from_main_on)
{
    from_main = true;
    expect_line(HEAD "int main(void)\n{\n    signal(SIGPIPE, SIG_DFL); // HERE\n"
                     "    write(1, \"x\", 1);\n}\n",
                "", ended("running", SIGPIPE));
    from_main = false;
}
END_TEST

START_TEST(what_comes_first_is_forgotten)
{
    static const char source[] =
        HEAD "int main(void)\n{\n    unsigned sum = 0;\n    getpid();\n"
             "    for (unsigned i = 0; i < 200000; i++)\n        sum += i;\n"
             "    read(1, &sum, 0);\n    if (sum > 9) // HERE\n        exit(3);\n}\n";
    struct told told;
    struct failure failure = ended("running", 3);
    from_main = true;
    struct recording *r = record(source, "");
    from_main = false;
    failure.message = "";
    ck_assert_uint_gt(r->code.forgotten, 0);
    ck_assert_uint_le(r->step_count, RECORDING_STEPS_MOST);
    ck_assert_uint_eq(r->call_count, 2); // getpid() is forgotten
    decide(r, &failure, &told);
    ck_assert_int_eq(told.line, marked_line(source));
    recording_free(r);
}
END_TEST

// ---------------------------------------------------------------- what a program did is unchanged

START_TEST(arithmetic_is_the_processors)
{
    static const char source[] = HEAD
        "int main(void)\n{\n" BEGIN
        "unsigned long long h = 1469598103934665603ULL;\nint sum = 0; signed char c = -7;\n"
        "for (int i = -300; i < 300; i++)\n{\n"
        "    h = (h ^ (unsigned)(i * i + (i >> 3))) * 1099511628211ULL;\n"
        "    sum += i % 7 - (i / 5) + (i < c) + ((unsigned)i > 20u) + (short)(i * 991) + c;\n"
        "    c = (signed char)(c * 3 + i); if (i & 4) sum = ~sum; else sum = -sum;\n"
        "    h += (h << 5) + (h >> 2) + (unsigned char)c; double d = i / 3.0; sum += (int)d;\n}\n"
        "char text[50]; int n = snprintf(text, 50, \"%llx %d\", h, sum);\nwrite(1, text, n);\n}\n";
    struct recording *r = record(source, "");
    char recorded[64] = "", real[64] = "";
    for (size_t i = 0; i < r->call_count; i++)
        if (r->calls[i].arguments[0] == 1 && r->calls[i].before_length[1] > 0)
            snprintf(recorded, sizeof recorded, "%.*s", (int)r->calls[i].arguments[2],
                     (const char *)r->calls[i].before[1]);
    auto_free char *command = str_format("trap '' USR1; %s", program);
    FILE *output = popen(command, "re");
    ck_assert_ptr_nonnull(output);
    ck_assert_ptr_nonnull(fgets(real, sizeof real, output));
    pclose(output);
    ck_assert_str_eq(recorded, real);
    recording_free(r);
}
END_TEST

START_TEST(broken_recordings_are_refused)
{
    recording_free(record(HEAD "int main(void)\n{\n" BEGIN "write(1, \"x\", 1);\n}\n", ""));
    auto_free char *path = path_join(folder, "recording");
    static const off_t lengths[] = {0, 10, 60, 100, 300};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        ck_assert_int_eq(truncate(path, lengths[i]), 0);
        auto_close int file = open(path, O_RDONLY | O_CLOEXEC);
        ck_assert_ptr_null(recording_load(file, program));
    }
}
END_TEST

// Asks about a recording, if it is one.
static void ask_all(const char *path, const struct failure *failures, size_t count)
{
    auto_close int file = open(path, O_RDONLY | O_CLOEXEC);
    struct recording *r = recording_load(file, program);
    for (size_t k = 0; r != NULL && k < count; k++) {
        struct told told;
        decide(r, &failures[k], &told);
    }
    if (r != NULL)
        recording_free(r);
}

// Whatever is in a file, it is refused or asked about without a crash, a hang or a wild access.
static void damage(const char *source, const char *request, struct failure *failures, size_t count)
{
    recording_free(record(source, request));
    auto_free char *path = path_join(folder, "recording");
    auto_str struct str whole = STR_INIT;
    struct err err = ERR_INIT;
    for (size_t k = 0; k < count; k++) {
        failures[k].message = failures[k].message != NULL ? failures[k].message : "";
        failures[k].state = failures[k].state != NULL ? failures[k].state : "running";
        failures[k].request = bytes_of(request);
        if (failures[k].reply.data == NULL)
            failures[k].reply = bytes_of(replied);
        seed_keep(program, path, &failures[k]);
    }
    ask_all(path, failures, count);
    ck_assert(file_read(AT_FDCWD, path, 64 << 20, &whole, &err));
    srand(7);
    for (int i = 0; i < 300; i++) {
        auto_free char *bytes = mem_alloc(whole.length);
        memcpy(bytes, whole.data, whole.length);
        // Half of them in the heads and the first steps, else anywhere.
        for (int k = 0; k < 1 + i / 10; k++)
            bytes[(size_t)rand() % (i % 2 == 0 ? 400 : whole.length)] =
                (char)(rand() % 3 == 0 ? -1 : rand());
        ck_assert(file_write(AT_FDCWD, path, bytes, whole.length, 0600, &err));
        ask_all(path, failures, count);
    }
}

START_TEST(damaged_recordings_do_no_harm)
{
    static const char source[] =
        HEAD "int main(void)\n{\n" BEGIN "char in[50] = \"\", out[90];\n"
             "read(1, in, sizeof in - 1);\nlong n = strtol(in, NULL, 10);\n"
             "if (strchr(in, 'c') == NULL)\n    n++;\n"
             "char *copy = strdup(in);\nmemcpy(copy + 1, in, 2);\n"
             "int length = snprintf(out, sizeof out, \"HTTP/1.1 %ld %s\\r\\n\\r\\n%5.2f\", n, "
             "copy, 1.5);\n"
             "write(1, out, length);\n}\n";
    struct failure failures[] = {
        body(9, "HTTP/1.1 404 404 abc\r\n\r\n 1.50", "200", "404"),
        body(26, "HTTP/1.1 404 404 abc\r\n\r\n 1.50", "", "1.50"),
        {.offset = -1, .state = "stuck", .suspect = 1, .suspect_length = 4},
        {.offset = -1, .state = "signalled", .suspect = -1},
    };
    damage(source, "404 abc", failures, sizeof failures / sizeof *failures);
}
END_TEST

// Of each third byte that it sends, of each part of the request, of its status and its end.
START_TEST(damaged_recordings_of_many_calls_do_no_harm)
{
    struct failure failures[128];
    size_t count = 0;
    recording_free(record(LIBRARY_SOURCE, LIBRARY_REQUEST));
    ck_assert_ptr_nonnull(strstr(replied, "HTTP/1.1 200 OK"));
    for (size_t at = 0; at < strlen(replied) && count < 90; at += 3)
        failures[count++] = body((long)at, NULL, "~~~", replied + at);
    for (long at = 0; at < 50; at += 8)
        failures[count++] =
            (struct failure){.offset = -1, .state = "stuck", .suspect = at, .suspect_length = 4};
    for (long at = 4; at < 50; at += 8) {
        failures[count] = body(9, NULL, "404", "200");
        failures[count].suspect = at;
        failures[count++].suspect_length = 3;
    }
    failures[count++] = body(9, NULL, "404", "200");
    failures[count++] = body(9, NULL, "201", "200");
    failures[count++] = (struct failure){.offset = -1, .state = "stuck", .suspect = -1};
    failures[count++] = (struct failure){.offset = -1, .suspect = -1};
    failures[count++] = (struct failure){
        .offset = (long)strlen(replied), .suspect = -1, .message = "the connection was closed"};
    damage(LIBRARY_SOURCE, LIBRARY_REQUEST, failures, count);
}
END_TEST

START_TEST(damaged_recordings_of_a_refusal_do_no_harm)
{
    recording_free(record(LIBRARY_SOURCE, LIBRARY_MISSING));
    char *content = strstr(replied, "+7");
    ck_assert_ptr_nonnull(content);
    long at = content - replied;
    auto_free char *longer = str_format("%s, and more", content);
    auto_free char *shorter = str_format("%.20s", content);
    struct failure failures[] = {
        body(9, NULL, "200", "404"),
        body(9, NULL, "410", "404"),
        body(at, NULL, longer, content), // one is cut off, one goes on too long
        body(at, NULL, shorter, content),
        body(at, NULL, content, ""),
        body((long)strlen(replied), NULL, "more", ""),
        {.offset = at - 2, .suspect = -1, .has_expected = true, .expected = bytes_of("X: y")},
        {.offset = 17, .suspect = -1, .has_actual = true, .actual = bytes_of("Content-Length")},
        {.offset = at + 4, .suspect = -1, .message = "the body contains what it should not"},
        {.offset = at + 4, .suspect = -1, .message = "more than the body came"},
        {.offset = (long)strlen(replied), .suspect = -1},
        {.offset = -1, .suspect = -1, .waits = true, .state = "stuck"},
        body(-1, NULL, longer, content), // of a file
        body(-1, NULL, shorter, content),
        body(-1, NULL, "another", content),
    };
    damage(LIBRARY_SOURCE, LIBRARY_MISSING, failures, sizeof failures / sizeof *failures);
}
END_TEST

// A store that the processor would refuse is refused: the program dies there, as ever.
START_TEST(constants_are_not_written)
{
    struct recording *r = record(HEAD "int main(void)\n{\n" BEGIN "volatile int i = 0;\n"
                                      "char *text = \"constant\";\ni = 1;\ntext[0] = 'x';\n"
                                      "i = 2;\nwrite(1, \"on\", 2);\n}\n",
                                 "");
    const struct instruction *last = at(r, (int32_t)r->step_count - 1);
    ck_assert(last->stores);
    ck_assert_int_eq(last->memory_size, 1);
    recording_free(r);
}
END_TEST

int main(void)
{
    if (!recorded_begin())
        return 1;
    Suite *suite = suite_create("origin");
    TCase *tests = tcase_create("origin");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, made_three_calls_away);
    tcase_add_test(tests, number_of_a_struct_is_formatted);
    tcase_add_test(tests, returned_number);
    tcase_add_test(tests, named_constant);
    tcase_add_test(tests, byte_loop);
    tcase_add_test(tests, copied_from_too_early);
    tcase_add_test(tests, value_of_a_field);
    tcase_add_test(tests, length_one_short);
    tcase_add_test(tests, last_look);
    tcase_add_test(tests, gave_up_for_a_condition);
    tcase_add_test(tests, did_not_give_up_for_the_marked_bytes);
    tcase_add_test(tests, looked_at_the_marked_bytes_and_went_on);
    tcase_add_test(tests, thread_and_process);
    tcase_add_test(tests, length_of_a_sending_that_ended_before_the_byte);
    tcase_add_test(tests, what_came_next_behind_a_sending_that_took_a_part);
    tcase_add_test(tests, what_was_read_and_never_sent);
    tcase_add_test(tests, byte_that_was_sent_to_somebody_else);
    tcase_add_test(tests, byte_of_another_client);
    tcase_add_test(tests, answer_that_functions_handed_on);
    tcase_add_test(tests, one_of_two_questions_on_a_line);
    tcase_add_test(tests, loop_that_was_left_before_the_close);
    tcase_add_test(tests, process_that_ended_with_its_client);
    tcase_add_test(tests, condition_of_an_exit);
    tcase_add_test(tests, condition_of_an_abort);
    tcase_add_test(tests, condition_that_left_the_main_loop);
    tcase_add_test(tests, number_of_an_exit_status);
    tcase_add_test(tests, another_program_of_the_check_is_not_told);
    tcase_add_test(tests, what_a_signal_does_was_chosen);
    tcase_add_test(tests, last_place_of_a_descriptor_that_nobody_closed);
    tcase_add_test(tests, last_question_about_the_end_of_input);
    tcase_add_test(tests, limit_for_which_no_client_is_waited_for);
    tcase_add_test(tests, last_condition_that_kept_it_from_ending);
    tcase_add_test(tests, events_that_a_client_is_not_asked_about);
    tcase_add_test(tests, socket_that_was_made_a_blocking_one);
    tcase_add_test(tests, condition_that_led_past_the_expected_answer);
    tcase_add_test(tests, answer_that_nobody_chose);
    tcase_add_test(tests, condition_on_a_number_that_was_marked);
    tcase_add_test(tests, answer_to_a_command_that_was_recognized);
    tcase_add_test(tests, number_that_lost_its_upper_bits);
    tcase_add_test(tests, zeros_behind_a_text_that_was_copied);
    tcase_add_test(tests, loop_that_left_off_reading);
    tcase_add_test(tests, recorded_from_main_on);
    tcase_add_test(tests, what_comes_first_is_forgotten);
    tcase_add_test(tests, arithmetic_is_the_processors);
    tcase_add_test(tests, broken_recordings_are_refused);
    tcase_add_test(tests, damaged_recordings_do_no_harm);
    tcase_add_test(tests, damaged_recordings_of_many_calls_do_no_harm);
    tcase_add_test(tests, damaged_recordings_of_a_refusal_do_no_harm);
    tcase_add_test(tests, constants_are_not_written);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    recorded_end();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
