// SPDX-License-Identifier: MIT
/*
 * What made a byte: small programs are compiled, executed under the stepper, and asked about. The
 * line that must be named carries the comment HERE.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "trace/origin/rules.h"
#include "trace/tracer/step.h"

#define HEAD                                                                                       \
    "#include <signal.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"          \
    "#include <unistd.h>\n"
#define BEGIN "raise(SIGUSR1);\n" // from here on it is recorded

static char folder[] = "/tmp/origin-XXXXXX";
static char *program;

static void compile(const char *source)
{
    struct err err = ERR_INIT;
    auto_free char *path = path_join(folder, "program.c");
    ck_assert(file_write(AT_FDCWD, path, source, strlen(source), 0644, &err));
    pid_t pid = fork();
    if (pid == 0) {
        execlp("gcc", "gcc", "-std=gnu17", "-g", "-O0", "-w", "-fno-omit-frame-pointer", "-fno-plt",
               "-fcf-protection=none", "-fno-stack-protector", "-pthread", path, "-o", program,
               (char *)NULL);
        _exit(127);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}

// ---------------------------------------------------------------- recording

static struct stepper *stepper_for(pid_t pid)
{
    auto_free char *path = str_format("/proc/%d/maps", pid);
    FILE *maps = fopen(path, "re");
    char line[512], rights[8];
    uint64_t base = 0, from, to, start = 0, end = 0;
    ck_assert_ptr_nonnull(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        if (strstr(line, program) == NULL ||
            sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, rights) != 3)
            continue;
        base = base == 0 ? from : base;
        if (rights[2] == 'x')
            start = from, end = to;
    }
    fclose(maps);
    return stepper_new(base, start, end);
}

static void go(struct stepper *stepper, pid_t tid, int signal)
{
    bool steps = stepper != NULL && stepper_steps(stepper, tid);
    ptrace(steps ? PTRACE_SINGLESTEP : PTRACE_CONT, tid, NULL, (void *)(uintptr_t)signal);
}

// Children that stopped before their parent told of them wait until it does.
static pid_t known[64];
static size_t known_count;

static bool is_known(pid_t tid)
{
    for (size_t i = 0; i < known_count; i++)
        if (known[i] == tid)
            return true;
    ck_assert_uint_lt(known_count, sizeof known / sizeof *known);
    known[known_count++] = tid;
    return false;
}

// One stop; returns the signal to deliver.
static int on_stop(struct stepper **stepper, pid_t tid, int status)
{
    unsigned long child = 0;
    int event = status >> 16, signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK) {
        ptrace(PTRACE_GETEVENTMSG, tid, NULL, &child);
        if (!is_known((pid_t)child))
            ck_assert_int_eq(waitpid((pid_t)child, &status, __WALL), (pid_t)child);
        if (*stepper != NULL)
            stepper_adopt(*stepper, tid, (pid_t)child, event == PTRACE_EVENT_FORK);
        go(*stepper, (pid_t)child, 0);
        return 0;
    }
    if (signal == SIGUSR1) {
        *stepper = stepper_for(tid);
        ck_assert_ptr_nonnull(*stepper);
        stepper_connection(*stepper, 1, 0, 0);
        stepper_begin(*stepper, tid);
        return 0;
    }
    if (signal != SIGTRAP || event != 0)
        return event != 0 ? 0 : signal;
    if (*stepper != NULL && stepper_follows(*stepper, tid))
        stepper_trapped(*stepper, tid);
    return 0;
}

static struct recording *record(const char *source, const char *input)
{
    int in[2];
    struct stepper *stepper = NULL;
    compile(source);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, in), 0);
    ck_assert_int_eq(write(in[1], input, strlen(input)), (ssize_t)strlen(input));
    shutdown(in[1], SHUT_WR);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 1); // the connection
        raise(SIGSTOP);
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    int status = 0;
    waitpid(pid, &status, WUNTRACED);
    ck_assert_int_eq(ptrace(PTRACE_SEIZE, pid, NULL,
                            PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL),
                     0);
    is_known(pid);
    kill(pid, SIGCONT);
    for (pid_t tid; (tid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;) {
        if (tid > 0 && WIFSTOPPED(status) && !is_known(tid))
            continue;
        if (tid > 0 && WIFSTOPPED(status))
            go(stepper, tid, on_stop(&stepper, tid, status));
        else if (tid > 0 && stepper != NULL)
            stepper_ended(stepper, tid);
    }
    close(in[1]);
    ck_assert_ptr_nonnull(stepper);
    auto_free char *path = path_join(folder, "recording");
    auto_close int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    ck_assert(stepper_write(stepper, file));
    stepper_free(stepper);
    lseek(file, 0, SEEK_SET);
    struct recording *r = recording_load(file, program);
    ck_assert_ptr_nonnull(r);
    return r;
}

// ---------------------------------------------------------------- asking

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(unsigned char *)(uintptr_t)text, strlen(text)};
}

static int marked_line(const char *source)
{
    int line = 1;
    const char *mark = strstr(source, "HERE");
    ck_assert_ptr_nonnull(mark);
    for (const char *c = source; c < mark; c++)
        line += *c == '\n';
    return line;
}

static void expect_line(const char *source, const char *input, struct failure failure)
{
    struct told told;
    struct recording *r = record(source, input);
    if (failure.message == NULL)
        failure.message = "";
    failure.state = failure.state != NULL ? failure.state : "running";
    failure.request = bytes_of(input);
    decide(r, &failure, &told);
    ck_assert_msg(told.kind != TOLD_NONE, "nothing is told");
    ck_assert_int_eq(told.line, marked_line(source));
    recording_free(r);
}

static struct failure body(long offset, const char *reply, const char *expected, const char *actual)
{
    return (struct failure){.offset = offset,
                            .suspect = -1,
                            .has_expected = true,
                            .has_actual = true,
                            .expected = bytes_of(expected),
                            .actual = bytes_of(actual),
                            .reply = bytes_of(reply)};
}

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

// Whatever is in a file, it is refused or asked about without a crash, a hang or a wild access.
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
    recording_free(record(source, "404 abc"));
    auto_free char *path = path_join(folder, "recording");
    auto_str struct str whole = STR_INIT;
    struct err err = ERR_INIT;
    ck_assert(file_read(AT_FDCWD, path, 64 << 20, &whole, &err));
    const struct failure failures[] = {
        body(9, "HTTP/1.1 404 404 abc\r\n\r\n 1.50", "200", "404"),
        body(26, "HTTP/1.1 404 404 abc\r\n\r\n 1.50", "", "1.50"),
        {.offset = -1, .state = "stuck", .suspect = 1, .suspect_length = 4},
        {.offset = -1, .state = "signalled", .suspect = -1},
    };
    srand(7);
    for (int i = 0; i < 300; i++) {
        auto_free char *bytes = mem_alloc(whole.length);
        memcpy(bytes, whole.data, whole.length);
        // Half of them in the heads and the first steps, else anywhere.
        for (int k = 0; k < 1 + i / 10; k++)
            bytes[(size_t)rand() % (i % 2 == 0 ? 400 : whole.length)] =
                (char)(rand() % 3 == 0 ? -1 : rand());
        ck_assert(file_write(AT_FDCWD, path, bytes, whole.length, 0600, &err));
        auto_close int file = open(path, O_RDONLY | O_CLOEXEC);
        struct recording *r = recording_load(file, program);
        for (size_t k = 0; r != NULL && k < sizeof failures / sizeof *failures; k++) {
            struct failure failure = failures[k];
            struct told told;
            failure.message = "";
            failure.state = failure.state != NULL ? failure.state : "running";
            failure.request = bytes_of("404 abc");
            decide(r, &failure, &told);
        }
        if (r != NULL)
            recording_free(r);
    }
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
    if (mkdtemp(folder) == NULL)
        return 1;
    program = path_join(folder, "program");
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
    tcase_add_test(tests, arithmetic_is_the_processors);
    tcase_add_test(tests, broken_recordings_are_refused);
    tcase_add_test(tests, damaged_recordings_do_no_harm);
    tcase_add_test(tests, constants_are_not_written);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    folder_remove_all(folder, NULL);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
