// SPDX-License-Identifier: MIT
// The grader as a process: its start, its list, requests and answers.
#include "grade/grader.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/file.h"
#include "box/box.h"
#include "build/grader_program.h"
#include "grade/services.h"

enum {
    LIST_MOST = 1 << 20, // bytes of --list
    LIST_MILLISECONDS = 10000,
    END_MILLISECONDS = 10000, // then it is killed
    MESSAGE_MOST = 65536,     // bytes of one message
    SERVE_DESCRIPTOR = 3,     // where the protocol has the socket
};

static bool fail_grader(const struct lab *lab, const char *what, struct err *err)
{
    err_set(err, ERR_LAB, "%s: the lab's grader %s", lab->grader, what);
    err_set_cure(err, "write %s/graders/%s.c: it is compiled when it is needed", lab->course,
                 lab->id);
    return false;
}

// Opened before root is given up: the grader may lie in a folder that is closed to the stage's
// user.
static int open_grader(const struct lab *lab, const struct stage *stage, struct err *err)
{
    auto_free char *program =
        course_demand_allowed(lab->course, err) ? grader_program(lab, stage, err) : NULL;
    if (program == NULL)
        return -1;
    auto_close int file = open(program, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        auto_free char *what = str_format("cannot be opened: %s", strerror(errno));
        fail_grader(lab, what, err);
        return -1;
    }
    // It is executed by its descriptor, where a script could not find itself again.
    char magic[4] = {0};
    if (pread(file, magic, sizeof magic, 0) != (ssize_t)sizeof magic ||
        memcmp(magic, "\177ELF", sizeof magic) != 0) {
        fail_grader(lab, "is no program that Linux can execute", err);
        return -1;
    }
    int opened = file;
    file = -1;
    return opened;
}

static bool start(const struct lab *lab, const struct stage *stage, const char *argument,
                  const struct process_descriptor *descriptors, size_t descriptor_count,
                  struct process *out, struct err *err)
{
    auto_close int file = open_grader(lab, stage, err);
    if (file < 0)
        return false;
    auto_free char *init = services_box_init(stage, err);
    if (init == NULL)
        return false;
    auto_free char *fixtures = NULL;
    if (!services_stage(lab, stage, &fixtures, err))
        return false;
    auto_free char *fixtures_variable = str_format("LAB_FIXTURES=%s", fixtures);
    auto_free char *init_variable = str_format("LAB_BOX_INIT=%s", init);
    const char *path = getenv("PATH");
    auto_free char *path_variable = str_format("PATH=%s", path != NULL ? path : "/usr/bin:/bin");
    auto_free char *level_variable =
        str_format(BOX_LEVEL_VARIABLE "=%s", box_level_name(stage->level));
    auto_free char *prepared_variable = str_format("LAB_PREPARED=%s/prepared-", stage->path);
    const char *environment[] = {
        init_variable,  path_variable, level_variable, fixtures_variable, prepared_variable,
        "LANG=C.UTF-8", NULL};
    const char *argv[] = {path_base(lab->grader), argument, NULL};
    const struct process_options options = {
        .argv = argv,
        .environment = environment,
        .executable = file,
        .descriptors = descriptors,
        .descriptor_count = descriptor_count,
        .folder = stage->path,
        .user = stage->user,
        .new_session = true,
    };
    return process_start(&options, out, err);
}

bool grader_start(const struct lab *lab, const struct stage *stage, struct grader *out,
                  struct err *err)
{
    int pair[2];
    if (!services_prepare(lab, stage, err))
        return false;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        err_set(err, ERR_ENV, "no socket for the grader: %s", strerror(errno));
        return false;
    }
    auto_close int theirs = pair[1];
    auto_close int ours = pair[0];
    fcntl(ours, F_SETFL, O_NONBLOCK);
    const struct process_descriptor descriptors[] = {{theirs, SERVE_DESCRIPTOR},
                                                     {STDERR_FILENO, STDERR_FILENO}};
    if (!start(lab, stage, "--serve", descriptors, 2, &out->process, err))
        return false;
    out->socket = ours;
    out->bare = box_level_is_bare(stage->level);
    ours = -1;
    return true;
}

// Without namespaces no kernel ends its checks with it: at the end of its requests it does so.
static void let_end(struct grader *grader)
{
    struct pollfd ended = {.fd = grader->process.pidfd, .events = POLLIN};
    while (poll(&ended, 1, END_MILLISECONDS) < 0 && errno == EINTR)
        continue;
}

void grader_release(struct grader *grader)
{
    if (grader->socket >= 0)
        close(grader->socket);
    grader->socket = -1;
    if (grader->bare && grader->process.pid > 0)
        let_end(grader);
    process_release(&grader->process);
}

static long milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Reads until the end of the pipe. Returns NULL, or what went wrong.
static const char *read_list(int file, struct str *out)
{
    long deadline = milliseconds_now() + LIST_MILLISECONDS;
    for (;;) {
        long left = deadline - milliseconds_now();
        struct pollfd ready = {.fd = file, .events = POLLIN};
        int polled = left > 0 ? poll(&ready, 1, (int)left) : 0;
        if (polled < 0 && errno == EINTR)
            continue;
        if (polled <= 0)
            return "does not end";
        ssize_t got = read(file, str_reserve(out, MESSAGE_MOST), MESSAGE_MOST);
        if (got == 0)
            return NULL;
        if (got < 0 && errno != EINTR)
            return strerror(errno);
        if (got > 0)
            out->length += (size_t)got;
        if (out->length > LIST_MOST)
            return "prints more than 1 MiB";
        out->data[out->length] = '\0';
    }
}

bool grader_list(const struct lab *lab, const struct stage *stage, struct str *out, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "no pipe for the grader: %s", strerror(errno));
        return false;
    }
    auto_close int output = ends[0];
    const struct process_descriptor descriptors[] = {{ends[1], STDOUT_FILENO},
                                                     {STDERR_FILENO, STDERR_FILENO}};
    struct process process = {0, -1};
    bool started = start(lab, stage, "--list", descriptors, 2, &process, err);
    close(ends[1]);
    if (!started)
        return false;
    const char *wrong = read_list(output, out);
    if (wrong != NULL) {
        process_release(&process);
        err_set(err, ERR_LAB, "%s --list %s", lab->grader, wrong);
        return false;
    }
    int status = process_wait(&process);
    process_release(&process);
    if (status != 0) {
        auto_free char *text = grader_status_text(status);
        err_set(err, ERR_LAB, "%s --list ended with %s", lab->grader, text);
        return false;
    }
    return true;
}

static cJSON *request_object(const struct grader_request *request)
{
    const struct lab *lab = request->lab;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "id", request->id);
    cJSON_AddStringToObject(object, "check", request->check);
    // A JSON number is a double: it has no room for 64 bits.
    auto_free char *seed = str_format("%" PRIu64, request->seed);
    cJSON_AddStringToObject(object, "seed", seed);
    cJSON_AddStringToObject(object, "program", request->program);
    cJSON_AddStringToObject(object, "scratch", request->scratch);
    if (request->trace)
        cJSON_AddTrueToObject(object, "trace");
    cJSON_AddObjectToObject(object, "env");
    cJSON_AddObjectToObject(object, "grader_env");
    cJSON *limits = cJSON_AddObjectToObject(object, "limits");
    cJSON_AddNumberToObject(limits, "seconds", lab->limits.seconds);
    cJSON_AddNumberToObject(limits, "memory_mb", lab->limits.memory_mb);
    cJSON_AddNumberToObject(limits, "processes", lab->limits.processes);
    cJSON_AddNumberToObject(limits, "files_mb", lab->limits.files_mb);
    cJSON_AddNumberToObject(limits, "output_kb", lab->limits.output_kb);
    // What is installed below /usr is seen in every box, but for what is hidden there.
    cJSON *hidden = cJSON_AddArrayToObject(object, "hidden");
    auto_strings struct strings folders = STRINGS_INIT;
    course_hidden(lab, &folders);
    for (size_t i = 0; i < folders.count; i++)
        cJSON_AddItemToArray(hidden, cJSON_CreateString(folders.items[i]));
    return object;
}

bool grader_ask(struct grader *grader, const struct grader_request *request, struct err *err)
{
    cJSON *object = request_object(request);
    auto_free char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    const int descriptors[] = {request->records, request->tracer};
    ssize_t sent;
    while ((sent = descriptors_send(grader->socket, text, descriptors, request->tracer >= 0 ? 2 : 1,
                                    0)) < 0 &&
           errno == EAGAIN) {
        struct pollfd ready = {.fd = grader->socket, .events = POLLOUT};
        poll(&ready, 1, LIST_MILLISECONDS);
    }
    if (sent < 0)
        err_set(err, ERR_LAB, "the grader takes no request: %s", strerror(errno));
    return sent >= 0;
}

void grader_kill_check(struct grader *grader, int id)
{
    auto_free char *text = str_format("{\"id\":%d,\"kill\":true}", id);
    // A grader that is gone already has no cell left to end.
    (void)!send(grader->socket, text, strlen(text), MSG_NOSIGNAL);
}

bool grader_next(struct grader *grader, struct grader_answer *out, bool *out_closed)
{
    *out = (struct grader_answer){0};
    *out_closed = false;
    auto_free char *text = mem_alloc(MESSAGE_MOST + 1);
    ssize_t got = recv(grader->socket, text, MESSAGE_MOST, 0);
    if (got < 0) { // ECONNRESET: it ended with requests unread
        *out_closed = errno != EAGAIN && errno != EINTR;
        return false;
    }
    text[got] = '\0';
    cJSON *object = got > 0 ? cJSON_Parse(text) : NULL;
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(object, "id");
    if (!cJSON_IsNumber(id)) {
        cJSON_Delete(object);
        *out_closed = true;
        return false;
    }
    out->id = id->valueint;
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(object, "status");
    out->ended = cJSON_IsNumber(status);
    out->status = out->ended ? status->valueint : 0;
    out->error =
        mem_copy_string(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "error")));
    out->cure =
        mem_copy_string(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "cure")));
    cJSON_Delete(object);
    return true;
}

void grader_answer_release(struct grader_answer *answer)
{
    free(answer->error);
    free(answer->cure);
    *answer = (struct grader_answer){0};
}

char *grader_status_text(int raw_status)
{
    if (WIFSIGNALED(raw_status))
        return str_format("signal %d (%s)", WTERMSIG(raw_status), strsignal(WTERMSIG(raw_status)));
    return str_format("exit status %d", WEXITSTATUS(raw_status));
}
