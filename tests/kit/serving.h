// SPDX-License-Identifier: MIT
/*
 * For the tests of the kit: a runner as small as can be. It starts GRADER --serve as the stage's
 * user, asks for one check, and keeps the records and the raw status.
 *
 *     struct outcome outcome = check_run("program/serves", "right", NULL);
 *     expect_passed(&outcome);
 */
#ifndef KIT_SERVING_H
#define KIT_SERVING_H

#include <check.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/file.h"
#include "base/str.h"
#include "box/box.h"
#include "box/stage.h"

struct serving {
    struct stage stage;
    struct process process;
    int socket;
};

struct outcome {
    cJSON *records; // an array
    int status;     // raw, of the check's process
    bool ended;     // a status came
    char *error;    // the answer's, when no cell could be made
};

static inline void must(bool holds, const struct err *err)
{
    ck_assert_msg(holds, "%s (%s)", err->message, err->cure);
}

// The fixtures, where the stage's user can read them, as an environment variable; the caller frees
// it.
static inline char *serving_fixtures(const struct serving *serving)
{
    struct err err = ERR_INIT;
    auto_free char *folder = stage_folder(&serving->stage, "fixtures", &err);
    must(folder != NULL, &err);
    static const char *const names[] = {"nginx", "postgres", "redis"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auto_free char *from = str_format(KIT_TEST_FOLDER "/../../fixtures/%s", names[i]);
        auto_free char *to = path_join(folder, names[i]);
        must(file_copy(from, to, 0755, &err), &err);
    }
    // One that the machine cannot give.
    static const char lacks[] =
        "#!/bin/sh\n"
        "echo '{\"version\":1,\"error\":\"there is no tea\",\"cure\":\"apt install tea\"}' >&3\n";
    auto_free char *teapot = path_join(folder, "teapot");
    must(file_write(AT_FDCWD, teapot, lacks, sizeof lacks - 1, 0755, &err), &err);
    return str_format("LAB_FIXTURES=%s", folder);
}

static inline struct serving serving_open(const char *grader)
{
    struct serving serving = {.stage = STAGE_INIT};
    struct err err = ERR_INIT;
    int ends[2];
    must(stage_open(&serving.stage, &err), &err);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    serving.socket = ends[0];
    auto_close int theirs = ends[1];
    auto_free char *path = str_format(KIT_TEST_FOLDER "/graders/%s", grader);
    auto_close int executable = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(executable, 0);
    // The build tree may lie in a private folder: what the stage's user runs lies on the stage.
    auto_free char *built_init = box_init_path(&err);
    must(built_init != NULL, &err);
    auto_free char *init = path_join(serving.stage.path, "box-init");
    must(file_copy(built_init, init, 0755, &err), &err);
    auto_free char *variable = str_format("LAB_BOX_INIT=%s", init);
    auto_free char *fixtures = serving_fixtures(&serving);
    auto_free char *prepared = str_format("LAB_PREPARED=%s/prepared-", serving.stage.path);
    const struct process_descriptor descriptors[] = {{theirs, 3}, {1, 1}, {2, 2}};
    const struct process_options options = {
        .argv = (const char *const[]){"grader", "--serve", NULL},
        .environment =
            (const char *const[]){"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOST_SECRET=1",
                                  "CK_RUN_CASE=other", variable, fixtures, prepared, NULL},
        .executable = executable,
        .descriptors = descriptors,
        .descriptor_count = 3,
        .user = serving.stage.user,
    };
    must(process_start(&options, &serving.process, &err), &err);
    return serving;
}

static inline void serving_close(struct serving *serving)
{
    close(serving->socket);
    ck_assert_int_eq(process_wait(&serving->process), 0);
    process_release(&serving->process);
    stage_close(&serving->stage);
}

// A copy of a program where the stage's user can read it; the caller frees the path.
static inline char *serving_program(const struct serving *serving, const char *folder,
                                    const char *name)
{
    struct err err = ERR_INIT;
    auto_free char *from = str_format(KIT_TEST_FOLDER "/%s/%s", folder, name);
    auto_free char *copy_name = str_format("%s-%s", folder, name);
    char *to = path_join(serving->stage.path, copy_name);
    if (!path_exists(to))
        must(file_copy(from, to, 0755, &err), &err);
    return to;
}

// With the descriptors up to the first that is negative, at most two.
static inline void message_send_with(int socket, const char *text, const int descriptors[2])
{
    size_t count = descriptors[0] < 0 ? 0 : descriptors[1] < 0 ? 1 : 2;
    ck_assert_int_eq(descriptors_send(socket, text, descriptors, count, 0), (ssize_t)strlen(text));
}

static inline void message_send(int socket, const char *text, int descriptor)
{
    message_send_with(socket, text, (const int[]){descriptor, -1});
}

// The next message, or NULL at the end.
static inline cJSON *message_receive(int socket)
{
    char buffer[65536];
    ssize_t got;
    while ((got = recv(socket, buffer, sizeof buffer, 0)) < 0 && errno == EINTR)
        continue;
    return got <= 0 ? NULL : cJSON_ParseWithLength(buffer, (size_t)got);
}

// Reads messages until one about `id` has the member; drops the others.
static inline cJSON *message_await(int socket, int id, const char *member)
{
    for (;;) {
        cJSON *message = message_receive(socket);
        ck_assert_ptr_nonnull(message);
        const cJSON *number = cJSON_GetObjectItem(message, "id");
        if (cJSON_IsNumber(number) && number->valueint == id &&
            (cJSON_HasObjectItem(message, member) || cJSON_HasObjectItem(message, "error")))
            return message;
        cJSON_Delete(message);
    }
}

struct asked {
    int id;
    const char *check, *folder, *program, *mode;
    int seconds; // 0: 2
};

// Sends a request, with a socket to a tracer unless it is negative; returns the read end of its
// records.
static inline int check_ask_traced(const struct serving *serving, const struct asked *asked,
                                   int tracer, bool trace)
{
    struct err err = ERR_INIT;
    int ends[2];
    auto_free char *name = str_format("scratch-%d", asked->id);
    auto_free char *scratch = stage_folder(&serving->stage, name, &err);
    must(scratch != NULL, &err);
    auto_free char *program = serving_program(serving, asked->folder, asked->program);
    cJSON *request = cJSON_CreateObject();
    cJSON_AddNumberToObject(request, "id", asked->id);
    cJSON_AddStringToObject(request, "check", asked->check);
    cJSON_AddStringToObject(request, "seed", "18446744073709551615");
    cJSON_AddStringToObject(request, "program", program);
    cJSON_AddStringToObject(request, "scratch", scratch);
    cJSON_AddStringToObject(request, "key of a later version", "x");
    if (trace)
        cJSON_AddTrueToObject(request, "trace");
    cJSON *environment = cJSON_AddObjectToObject(request, "env");
    cJSON_AddStringToObject(environment, "MODE", asked->mode == NULL ? "" : asked->mode);
    cJSON *limits = cJSON_AddObjectToObject(request, "limits");
    cJSON_AddNumberToObject(limits, "seconds", asked->seconds == 0 ? 2 : asked->seconds);
    cJSON_AddNumberToObject(limits, "memory_mb", 256);
    cJSON_AddNumberToObject(limits, "processes", 64);
    cJSON_AddNumberToObject(limits, "files_mb", 16);
    cJSON_AddNumberToObject(limits, "output_kb", 1024);
    auto_free char *text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    message_send_with(serving->socket, text, (const int[]){ends[1], tracer});
    close(ends[1]);
    return ends[0];
}

static inline int check_ask(const struct serving *serving, const struct asked *asked)
{
    return check_ask_traced(serving, asked, -1, false);
}

// Every line must be a record of at most 64 KiB, in ASCII.
static inline cJSON *records_read(int pipe)
{
    cJSON *records = cJSON_CreateArray();
    FILE *stream = fdopen(pipe, "r");
    char *line = NULL;
    size_t size = 0;
    for (ssize_t length; (length = getline(&line, &size, stream)) > 0;) {
        ck_assert_int_le(length, 65536);
        ck_assert_int_eq(line[length - 1], '\n');
        for (ssize_t i = 0; i < length - 1; i++)
            ck_assert_msg(line[i] >= 0x20 && line[i] < 0x7f, "byte %d in a record", line[i]);
        cJSON *record = cJSON_Parse(line);
        ck_assert_msg(record != NULL, "no JSON: %s", line);
        cJSON_AddItemToArray(records, record);
    }
    free(line);
    fclose(stream);
    return records;
}

static inline struct outcome check_collect(const struct serving *serving, int id, int records)
{
    struct outcome outcome = {.records = records_read(records)};
    cJSON *message = message_await(serving->socket, id, "status");
    const cJSON *status = cJSON_GetObjectItem(message, "status");
    const char *error = cJSON_GetStringValue(cJSON_GetObjectItem(message, "error"));
    outcome.ended = status != NULL;
    outcome.status = status == NULL ? 0 : status->valueint;
    outcome.error = mem_copy_string(error);
    cJSON_Delete(message);
    return outcome;
}

static inline struct outcome check_run_in(const char *folder, const char *check,
                                          const char *program, const char *mode)
{
    struct serving serving = serving_open("core");
    const struct asked asked = {1, check, folder, program, mode, 0};
    struct outcome outcome = check_collect(&serving, 1, check_ask(&serving, &asked));
    serving_close(&serving);
    return outcome;
}

static inline struct outcome check_run(const char *check, const char *program, const char *mode)
{
    return check_run_in("programs", check, program, mode);
}

static inline void outcome_release(struct outcome *outcome)
{
    cJSON_Delete(outcome->records);
    free(outcome->error);
}

// ---------------------------------------------------------------- what the records say

static inline const char *text_of(const cJSON *record, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(record, name));
    return text == NULL ? "" : text;
}

static inline int count_of(const struct outcome *outcome, const char *kind)
{
    int count = 0;
    const cJSON *record;
    cJSON_ArrayForEach(record, outcome->records) count +=
        strcmp(text_of(record, "record"), kind) == 0;
    return count;
}

// The last record of a kind, or NULL.
static inline const cJSON *record_of(const struct outcome *outcome, const char *kind)
{
    const cJSON *record, *found = NULL;
    cJSON_ArrayForEach(record, outcome->records)
    {
        if (strcmp(text_of(record, "record"), kind) == 0)
            found = record;
    }
    return found;
}

// All records but those of bytes, which may be many; libcheck loses a message of more than 4096.
static inline char *outcome_text(const struct outcome *outcome)
{
    auto_str struct str text = STR_INIT;
    const cJSON *record;
    cJSON_ArrayForEach(record, outcome->records)
    {
        auto_free char *line = cJSON_PrintUnformatted(record);
        if (strcmp(text_of(record, "record"), "io") != 0)
            str_append_format(&text, "%.500s\n", line);
    }
    return str_format("%.3000s", str_text(&text));
}

#define expect(outcome, condition)                                                                 \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            auto_free char *text_ = outcome_text(outcome);                                         \
            ck_abort_msg("%s does not hold; status %d, error %s, records %s", #condition,          \
                         (outcome)->status, (outcome)->error, text_);                              \
        }                                                                                          \
    } while (0)

static inline void expect_passed(const struct outcome *outcome)
{
    expect(outcome, outcome->ended && outcome->status == 0);
    expect(outcome, count_of(outcome, "start") == 1);
    expect(outcome, count_of(outcome, "end") == 1);
    expect(outcome, count_of(outcome, "fail") == 0);
    expect(outcome, strcmp(text_of(record_of(outcome, "end"), "result"), "passed") == 0);
}

// One failure, whose message holds these words.
static inline void expect_failed(const struct outcome *outcome, const char *words)
{
    expect(outcome, outcome->ended && WIFEXITED(outcome->status));
    expect(outcome, count_of(outcome, "start") == 1);
    expect(outcome, count_of(outcome, "end") == 1);
    expect(outcome, count_of(outcome, "fail") == 1);
    expect(outcome, strcmp(text_of(record_of(outcome, "end"), "result"), "failed") == 0);
    ck_assert_msg(strstr(text_of(record_of(outcome, "fail"), "message"), words) != NULL,
                  "\"%s\" is not in \"%s\"", words, text_of(record_of(outcome, "fail"), "message"));
}

static inline bool any_note_has(const struct outcome *outcome, const char *words)
{
    const cJSON *record;
    cJSON_ArrayForEach(record, outcome->records)
    {
        if (strcmp(text_of(record, "record"), "note") == 0 &&
            strstr(text_of(record, "text"), words) != NULL)
            return true;
    }
    return false;
}

// No end record: the runner calls that broken.
static inline void expect_no_end(const struct outcome *outcome)
{
    expect(outcome, outcome->ended && outcome->status != 0);
    expect(outcome, count_of(outcome, "end") == 0);
}

// Ends a test file: runs the test that the command line names, or all.
#define KIT_TESTS(...)                                                                             \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        Suite *suite = suite_create("kit");                                                        \
        size_t found = 0;                                                                          \
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {                                \
            if (argc > 1 && strcmp(argv[1], tests[i]->name) != 0)                                  \
                continue;                                                                          \
            TCase *test_case = tcase_create(tests[i]->name);                                       \
            tcase_set_timeout(test_case, 250);                                                     \
            tcase_add_test(test_case, tests[i]);                                                   \
            suite_add_tcase(suite, test_case);                                                     \
            found++;                                                                               \
        }                                                                                          \
        SRunner *runner = srunner_create(suite);                                                   \
        srunner_run_all(runner, CK_NORMAL);                                                        \
        int failed = srunner_ntests_failed(runner);                                                \
        srunner_free(runner);                                                                      \
        return found > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                             \
    }

#endif
