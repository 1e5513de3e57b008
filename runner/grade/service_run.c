// SPDX-License-Identifier: MIT
// Services outside of checks.
#include "grade/service_run.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "grade/services.h"

enum {
    ANSWER_MILLISECONDS = 30000,
    END_MILLISECONDS = 10000, // then it is killed
    MOST_ANSWER = 65536,
    READY = 3,
};

struct service_run {
    const char *name;
    struct process process;
    int requests, answers, ready;
};

// ---------------------------------------------------------------- lines

// The next line. NULL and err when there is none.
static char *line_read(const struct service_run *run, int from, struct err *err)
{
    auto_str struct str line = STR_INIT;
    while (line.length < MOST_ANSWER) {
        struct pollfd events[] = {{.fd = from, .events = POLLIN},
                                  {.fd = interrupt_descriptor(), .events = POLLIN}};
        int polled = poll(events, 2, ANSWER_MILLISECONDS);
        if (interrupt_happened(err))
            return NULL;
        if (polled < 0 && errno == EINTR)
            continue;
        char c;
        if (polled <= 0 || read(from, &c, 1) != 1)
            break;
        if (c == '\n')
            return str_take(&line);
        str_append_char(&line, c);
    }
    err_set(err, ERR_LAB, "the service %s does not answer", run->name);
    return NULL;
}

static cJSON *answer_read(const struct service_run *run, int from, struct err *err)
{
    auto_free char *line = line_read(run, from, err);
    if (line == NULL)
        return NULL;
    cJSON *answer = cJSON_Parse(line);
    const char *error = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "error"));
    const char *cure = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "cure"));
    if (cJSON_IsObject(answer) && error == NULL)
        return answer;
    err_set(err, cure != NULL ? ERR_ENV : ERR_LAB, "the service %s: %s", run->name,
            error != NULL ? error : "it says what is no JSON");
    if (cure != NULL)
        err_set_cure(err, "%s", cure);
    cJSON_Delete(answer);
    return NULL;
}

// ---------------------------------------------------------------- start

static bool pipe_make(int *reading, int *writing, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "no pipe for a service: %s", strerror(errno));
        return false;
    }
    *reading = ends[0];
    *writing = ends[1];
    return true;
}

static bool process_begin(struct service_run *run, const struct stage *stage, const char *folder,
                          struct err *err)
{
    auto_close int input = -1, output = -1, ready = -1;
    auto_free char *fixtures = path_join(stage->path, "fixtures");
    auto_free char *fixture = path_join(fixtures, run->name);
    auto_free char *init = services_box_init(stage, err);
    auto_free char *prepared = str_format("LAB_PREPARED=%s/prepared-%s", stage->path, run->name);
    auto_free char *level = str_format(BOX_LEVEL_VARIABLE "=%s", box_level_name(stage->level));
    if (init == NULL || !pipe_make(&input, &run->requests, err) ||
        !pipe_make(&run->answers, &output, err) || !pipe_make(&run->ready, &ready, err))
        return false;
    auto_free char *init_variable = str_format("LAB_BOX_INIT=%s", init);
    const struct process_descriptor descriptors[] = {{input, STDIN_FILENO},
                                                     {output, STDOUT_FILENO},
                                                     {STDERR_FILENO, STDERR_FILENO},
                                                     {ready, READY}};
    const struct process_options options = {
        .argv = (const char *const[]){fixture, folder, "1", NULL},
        .environment = (const char *const[]){"LAB_READY_FD=3", "LANG=C.UTF-8",
                                             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", init_variable,
                                             level, prepared, NULL},
        .executable = -1,
        .descriptors = descriptors,
        .descriptor_count = sizeof descriptors / sizeof *descriptors,
        .folder = folder,
        .user = stage->user,
        .new_session = true, // Ctrl-C is the program's
    };
    return process_start(&options, &run->process, err);
}

static void environment_take(struct service_runs *services, const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(answer, "env")) if (cJSON_IsString(item))
        strings_add_format(&services->environment, "%s=%s", item->string, item->valuestring);
}

static bool start(struct service_runs *services, struct service_run *run, const struct stage *stage,
                  struct err *err)
{
    static const char open[] = "{\"open\":1}\n";
    auto_free char *short_name = str_format("service-%s", run->name);
    auto_free char *folder = stage_folder(stage, short_name, err);
    if (folder == NULL || !process_begin(run, stage, folder, err))
        return false;
    cJSON *first = answer_read(run, run->ready, err);
    if (first == NULL)
        return false;
    environment_take(services, first);
    cJSON_Delete(first);
    if (write(run->requests, open, sizeof open - 1) != (ssize_t)sizeof open - 1) {
        err_set(err, ERR_LAB, "the service %s takes no request", run->name);
        return false;
    }
    cJSON *opened = answer_read(run, run->answers, err);
    if (opened == NULL)
        return false;
    environment_take(services, opened);
    cJSON_Delete(opened);
    return true;
}

bool service_runs_start(const struct lab *lab, const struct stage *stage, struct service_runs *out,
                        struct err *err)
{
    if (!services_prepare(lab, stage, err))
        return false;
    out->runs = mem_alloc_array(lab->services.count, sizeof *out->runs);
    for (size_t i = 0; i < lab->services.count; i++) {
        struct service_run *run = &out->runs[out->count++];
        *run = (struct service_run){.name = lab->services.items[i],
                                    .process = PROCESS_INIT,
                                    .requests = -1,
                                    .answers = -1,
                                    .ready = -1};
        if (!start(out, run, stage, err)) {
            service_runs_end(out);
            return false;
        }
    }
    return true;
}

// ---------------------------------------------------------------- end

static void run_end(struct service_run *run)
{
    cleanup_close(&run->requests); // the end of its requests is the end of its work
    struct pollfd ended = {.fd = run->process.pidfd, .events = POLLIN};
    while (run->process.pid > 0 && poll(&ended, 1, END_MILLISECONDS) < 0 && errno == EINTR)
        continue;
    process_release(&run->process);
    cleanup_close(&run->answers);
    cleanup_close(&run->ready);
}

void service_runs_end(struct service_runs *services)
{
    for (size_t i = 0; i < services->count; i++)
        run_end(&services->runs[i]);
    free(services->runs);
    strings_release(&services->environment);
    *services = (struct service_runs)SERVICE_RUNS_INIT;
}
