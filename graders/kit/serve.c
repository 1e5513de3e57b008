// SPDX-License-Identifier: MIT
/*
 * GRADER --serve: requests from the runner, one cell a check. The grader is loaded once and forked
 * for each check, so nothing that belongs to a check may stay in this process: the request's memory
 * is freed and its descriptor closed as soon as the cell has its copies. One thread, because a
 * thread would not survive the fork; one poll over the runner's socket and the cells' pidfds.
 */
#include "serve_request.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "box/cell.h"

struct cell {
    double id; // the request's, echoed
    pid_t pid;
    int pidfd;
    struct cell_options options; // its scratch folder's path belongs to it
};

struct server {
    int socket;
    struct cell *cells;
    size_t count;
    struct pollfd *polls; // the socket's, then one for each cell
};

// ---------------------------------------------------------------- messages

enum { DESCRIPTORS = 2 }; // of a request: its records, the tracer's socket

static cJSON *answer_new(double id)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddNumberToObject(answer, "id", id);
    return answer;
}

// A runner that is gone shows at the next poll.
static void answer_send(const struct server *server, cJSON *answer)
{
    auto_free char *text = cJSON_PrintUnformatted(answer);
    cJSON_Delete(answer);
    if (text == NULL)
        abort();
    while (send(server->socket, text, strlen(text), MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

static void answer_error(const struct server *server, double id, const char *message,
                         const char *cure)
{
    cJSON *answer = answer_new(id);
    cJSON_AddStringToObject(answer, "error", message);
    if (cure != NULL)
        cJSON_AddStringToObject(answer, "cure", cure);
    answer_send(server, answer);
}

// ---------------------------------------------------------------- cells

static struct cell *cell_find(struct server *server, double id)
{
    for (size_t i = 0; i < server->count; i++)
        if (server->cells[i].id >= id && server->cells[i].id <= id)
            return &server->cells[i];
    return NULL;
}

static void cell_add(struct server *server, double id, pid_t pid,
                     const struct cell_options *options)
{
    server->cells = mem_resize(server->cells, (server->count + 1) * sizeof *server->cells);
    server->polls = mem_resize(server->polls, (server->count + 2) * sizeof *server->polls);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0)
        abort();
    server->cells[server->count++] = (struct cell){id, pid, pidfd, *options};
    server->cells[server->count - 1].options.scratch = mem_copy_string(options->scratch);
}

// All that this process holds for other cells and for the runner.
static void descriptors_close(const struct server *server)
{
    close(server->socket);
    for (size_t i = 0; i < server->count; i++)
        close(server->cells[i].pidfd);
}

_Noreturn static void cell_run(const struct server *server, const struct request *request,
                               const struct kit_check *check)
{
    descriptors_close(server);
    request_set_environment(request);
    _exit(kit_run_check(check, &request->kit));
}

static void check_start(struct server *server, double id, struct request *request)
{
    const struct kit_check *check = kit_check_find(request->kit.check);
    if (check == NULL) {
        auto_free char *message = str_format("this grader has no check %s", request->kit.check);
        answer_error(server, id, message, NULL);
        return;
    }
    const struct cell_options options = {
        .scratch = request->kit.scratch,
        .scratch_bytes = (uint64_t)request->kit.limit_files_mb << 20,
        .level = box_level_told(),
    };
    if (box_level_is_bare(options.level) && server->count > 0) {
        answer_error(server, id, "at this level of the sandbox one check runs at a time", NULL);
        return;
    }
    struct err err = ERR_INIT;
    pid_t pid = cell_enter(&options, &err);
    if (pid == 0)
        cell_run(server, request, check);
    if (pid < 0) {
        answer_error(server, id, err.message, err.cure);
        err_release(&err);
        return;
    }
    cell_add(server, id, pid, &options);
    cJSON *answer = answer_new(id);
    cJSON_AddNumberToObject(answer, "pid", pid);
    answer_send(server, answer);
}

static void cell_kill(const struct cell *cell)
{
    kill(cell->pid, SIGKILL); // not reaped yet: the number is still its own
}

// After it was reaped: nothing of it stays.
static void cell_forget(struct cell *cell)
{
    close(cell->pidfd);
    cell_clean(&cell->options);
    free((char *)(uintptr_t)cell->options.scratch);
}

// The first process of a PID namespace is reaped after all others in it have ended, so nobody holds
// the records pipe any more.
static void cell_ended(struct server *server, size_t index)
{
    struct cell cell = server->cells[index];
    int status = 0;
    while (waitpid(cell.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    cell_forget(&cell);
    server->cells[index] = server->cells[--server->count];
    cJSON *answer = answer_new(cell.id);
    cJSON_AddNumberToObject(answer, "status", status);
    answer_send(server, answer);
}

// ---------------------------------------------------------------- the loop

static void request_handle(struct server *server, cJSON *json, const int descriptors[DESCRIPTORS])
{
    double id = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "id"));
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "kill"))) {
        const struct cell *cell = cell_find(server, id);
        if (cell != NULL)
            cell_kill(cell);
        cJSON_Delete(json);
        return;
    }
    struct request request;
    const char *missing;
    bool complete = request_read(json, &request, &missing);
    request.kit.records = descriptors[0];
    request.kit.tracer = descriptors[1];
    if (complete && descriptors[0] >= 0) {
        check_start(server, id, &request);
    } else {
        auto_free char *message =
            str_format("the request has no %s", complete ? "records descriptor" : missing);
        answer_error(server, id, message, NULL);
    }
    request_release(&request);
}

// False at the end of requests.
static bool message_handle(struct server *server)
{
    static char buffer[REQUEST_MOST];
    int descriptors[DESCRIPTORS];
    ssize_t length =
        descriptors_receive(server->socket, buffer, sizeof buffer, descriptors, DESCRIPTORS, 0);
    auto_close int records = descriptors[0], tracer = descriptors[1];
    (void)records, (void)tracer; // closed here: the cell has its copies
    if (length <= 0)
        return false;
    cJSON *json = cJSON_ParseWithLength(buffer, (size_t)length);
    if (json == NULL || !cJSON_IsObject(json)) {
        cJSON_Delete(json);
        answer_error(server, -1, "the request is no JSON object", NULL);
        return true;
    }
    request_handle(server, json, descriptors);
    return true;
}

static void cells_end(struct server *server)
{
    for (size_t i = 0; i < server->count; i++)
        cell_kill(&server->cells[i]);
    for (size_t i = 0; i < server->count; i++) {
        while (waitpid(server->cells[i].pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        cell_forget(&server->cells[i]);
    }
}

static void wait_for_event(struct server *server)
{
    server->polls[0] = (struct pollfd){.fd = server->socket, .events = POLLIN};
    for (size_t i = 0; i < server->count; i++)
        server->polls[i + 1] = (struct pollfd){.fd = server->cells[i].pidfd, .events = POLLIN};
    if (poll(server->polls, server->count + 1, -1) < 0)
        server->polls[0].revents = 0;
}

int kit_serve_requests(int socket)
{
    struct server server = {.socket = socket, .polls = mem_alloc(sizeof(struct pollfd))};
    bool open = true;
    while (open) {
        wait_for_event(&server);
        // From the last on: one that ended gives its place to the last.
        for (size_t i = server.count; i > 0; i--)
            if (server.polls[i].revents != 0)
                cell_ended(&server, i - 1);
        if (server.polls[0].revents != 0)
            open = message_handle(&server);
    }
    cells_end(&server);
    free(server.cells);
    free(server.polls);
    return EXIT_SUCCESS;
}
