// SPDX-License-Identifier: MIT
/*
 * GRADER PROGRAM [CHECK…], for an author at a terminal. It is a small runner: it starts this very
 * executable as GRADER --serve and asks it for one check after the other, so that an author sees
 * what lab's own runner gets.
 */
#include "alone.h"
#include "serve_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/file.h"
#include "box/stage.h"

struct alone {
    struct stage stage;
    struct process server;
    int socket;
    char *program; // the copy in the stage
    uint64_t seed;
};

// ---------------------------------------------------------------- printing

static const char *text_of(const cJSON *record, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, name));
}

static void print_member(const cJSON *record, const char *name, const char *label)
{
    const char *text = text_of(record, name);
    if (text != NULL && *text != '\0')
        printf("  %-9s %s\n", label, text);
}

static int number_of(const cJSON *record, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(record, name);
    return cJSON_IsNumber(number) ? number->valueint : 0;
}

static void print_record(const cJSON *record, const char *kind)
{
    if (strcmp(kind, "io") == 0) {
        if (text_of(record, "text")[0] == '\0')
            return; // a connection was made: its first bytes say so soon enough
        printf("  %-9s %d: %s\n",
               str_equal(text_of(record, "from"), "grader") ? "sent" : "received",
               number_of(record, "connection"), text_of(record, "text"));
    } else if (strcmp(kind, "program") == 0) {
        printf("  program   %s, status %d, port %d\n", text_of(record, "state"),
               number_of(record, "status"), number_of(record, "port"));
        print_member(record, "stderr", "stderr");
    } else if (strcmp(kind, "fail") == 0) {
        print_member(record, "message", "error");
        print_member(record, "expected", "expected");
        print_member(record, "actual", "actual");
        if (number_of(record, "grader_line") > 0)
            printf("  line      %d of the grader\n", number_of(record, "grader_line"));
    } else if (strcmp(kind, "start") == 0) {
        print_member(record, "seed", "seed");
    } else {
        print_member(record, "text", kind);
        print_member(record, "cure", "cure");
        print_member(record, "command", "see it");
    }
}

// Prints one line of the records; returns true when it says that the check passed.
static bool print_line(const char *line)
{
    cJSON *record = cJSON_Parse(line);
    const char *kind = text_of(record, "record");
    bool passed = false;
    if (kind == NULL)
        printf("  no record: %s\n", line);
    else if (strcmp(kind, "end") == 0)
        passed = str_equal(text_of(record, "result"), "passed");
    else
        print_record(record, kind);
    cJSON_Delete(record);
    return passed;
}

// Reads the records to their end.
static bool print_records(int records)
{
    FILE *stream = fdopen(records, "r");
    if (stream == NULL)
        abort();
    char *line = NULL;
    size_t size = 0;
    bool passed = false;
    while (getline(&line, &size, stream) > 0) {
        line[strcspn(line, "\n")] = '\0';
        passed = print_line(line) || passed;
    }
    free(line);
    fclose(stream);
    return passed;
}

// ---------------------------------------------------------------- one check

static char *request_text(const struct alone *alone, int id, const char *check, const char *scratch)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddNumberToObject(request, "id", id);
    cJSON_AddStringToObject(request, "check", check);
    cJSON_AddStringToObject(request, "program", alone->program);
    cJSON_AddStringToObject(request, "scratch", scratch);
    auto_free char *seed =
        str_format("%llu", (unsigned long long)seed_for_check(alone->seed, check));
    cJSON_AddStringToObject(request, "seed", seed);
    char *text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    if (text == NULL)
        abort();
    return text;
}

// Reads answers up to the check's status; prints an error. False: there is no status to come.
static bool status_await(int socket, int *out_status)
{
    char buffer[REQUEST_MOST];
    for (;;) {
        ssize_t got = recv(socket, buffer, sizeof buffer, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        cJSON *answer = cJSON_ParseWithLength(buffer, (size_t)got);
        bool error = cJSON_HasObjectItem(answer, "error");
        bool ended = cJSON_HasObjectItem(answer, "status");
        print_member(answer, "error", "error");
        print_member(answer, "cure", "cure");
        *out_status = number_of(answer, "status");
        cJSON_Delete(answer);
        if (error || ended)
            return ended;
    }
}

static bool check_run(struct alone *alone, int id, const struct kit_check *check)
{
    struct err err = ERR_INIT;
    auto_free char *name = str_format("%s/%s", check->step, check->name);
    auto_free char *folder = str_format("scratch-%d", id);
    auto_free char *scratch = stage_folder(&alone->stage, folder, &err);
    int records[2];
    if (scratch == NULL || pipe2(records, O_CLOEXEC) != 0) {
        fprintf(stderr, "grader: %s\n", scratch == NULL ? err.message : strerror(errno));
        exit(4);
    }
    printf("%s\n", name);
    auto_free char *request = request_text(alone, id, name, scratch);
    bool sent = descriptors_send(alone->socket, request, &records[1], 1, 0) >= 0;
    close(records[1]);
    int status = 0;
    bool passed = print_records(records[0]);
    bool ended = sent && status_await(alone->socket, &status);
    const char *verdict = !ended || (status != 0 && status != 1 << 8) ? "BROKEN"
                          : passed                                    ? "ok"
                                                                      : "FAIL";
    printf("%-6s %s\n", verdict, name);
    if (strcmp(verdict, "BROKEN") == 0)
        printf("       raw status of the check's process: %d\n", status);
    folder_remove_all(scratch, NULL);
    return passed && ended && status == 0;
}

// ---------------------------------------------------------------- the whole

static bool copy_to_stage(struct alone *alone, const char *from, const char *name, char **out,
                          struct err *err)
{
    *out = path_join(alone->stage.path, name);
    return file_copy(from, *out, 0755, err);
}

// A grader lies in graders/ beside box-init, in a build tree and when it is installed.
static void find_init(void)
{
    auto_free char *own = path_real("/proc/self/exe", NULL);
    if (own == NULL || getenv("LAB_BOX_INIT") != NULL)
        return;
    auto_free char *relative = str_format("%.*s/../box-init", (int)(path_base(own) - own), own);
    auto_free char *init = path_real(relative, NULL);
    if (init != NULL)
        setenv("LAB_BOX_INIT", init, 1);
}

static bool server_start(struct alone *alone, int count, char **names, struct err *err)
{
    int ends[2];
    find_init();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        err_set(err, ERR_ENV, "socketpair: %s", strerror(errno));
        return false;
    }
    alone->socket = ends[0];
    auto_close int theirs = ends[1];
    auto_close int executable = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    // Like the program, box-init may lie in a private folder.
    auto_free char *init = box_init_path(err);
    auto_free char *copy = NULL;
    if (init == NULL || !copy_to_stage(alone, init, "box-init", &copy, err) ||
        !alone_services_stage(&alone->stage, copy, (const char *const *)names, (size_t)count, err))
        return false;
    auto_free char *fixtures = str_format("LAB_FIXTURES=%s/fixtures", alone->stage.path);
    auto_free char *prepared = str_format("LAB_PREPARED=%s/prepared-", alone->stage.path);
    auto_free char *variable = str_format("LAB_BOX_INIT=%s", copy);
    auto_free char *level =
        str_format(BOX_LEVEL_VARIABLE "=%s", box_level_name(alone->stage.level));
    const struct process_descriptor descriptors[] = {{theirs, 3}, {1, 1}, {2, 2}};
    const struct process_options options = {
        .argv = (const char *const[]){"grader", "--serve", NULL},
        .environment = (const char *const[]){"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C.UTF-8",
                                             variable, level, fixtures, prepared, NULL},
        .executable = executable,
        .descriptors = descriptors,
        .descriptor_count = 3,
        .user = alone->stage.user,
    };
    return process_start(&options, &alone->server, err);
}

// argv: PROGRAM [CHECK…].
static bool alone_open(struct alone *alone, int argc, char **argv, struct err *err)
{
    *alone = (struct alone){.stage = STAGE_INIT, .socket = -1, .seed = seed_new()};
    alone->server.pidfd = -1;
    return stage_open(&alone->stage, err) &&
           copy_to_stage(alone, argv[0], "program", &alone->program, err) &&
           server_start(alone, argc - 1, argv + 1, err);
}

static void alone_close(struct alone *alone)
{
    if (alone->socket >= 0)
        close(alone->socket);
    process_release(&alone->server);
    stage_close(&alone->stage);
    free(alone->program);
}

static bool is_asked_for(const struct kit_check *check, int count, char **names)
{
    if (count == 0)
        return true;
    for (int i = 0; i < count; i++)
        if (kit_check_find(names[i]) == check)
            return true;
    return false;
}

int kit_run_alone(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (kit_check_find(argv[i]) == NULL) {
            fprintf(stderr, "grader: no check %s; --list names them all\n", argv[i]);
            return 2;
        }
    }
    struct alone alone;
    struct err err = ERR_INIT;
    int status = EXIT_SUCCESS;
    if (!alone_open(&alone, argc, argv, &err)) {
        fprintf(stderr, "grader: %s\n", err.message);
        if (err.cure != NULL)
            fprintf(stderr, "grader: %s\n", err.cure);
        status = err_exit_status(err.kind);
        err_release(&err);
    } else {
        for (size_t i = 0; i < kit_check_count(); i++)
            if (is_asked_for(kit_check_get(i), argc - 1, argv + 1) &&
                !check_run(&alone, (int)i + 1, kit_check_get(i)))
                status = EXIT_FAILURE;
    }
    alone_close(&alone);
    return status;
}
