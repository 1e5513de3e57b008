// SPDX-License-Identifier: MIT
// Services before the checks: fixtures, what they need, their preparations.
#include "grade/services.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "box/box.h"
#include "grade/services_cache.h"

#define MIB ((uint64_t)1 << 20)
enum {
    ASK_SECONDS = 10,
    PREPARE_SECONDS = 120,
    SAID_MOST = 65536,
};

// ---------------------------------------------------------------- fixtures

char *services_fixture(const struct lab *lab, const char *name)
{
    auto_free char *own = str_format("%s/build/fixtures/%s", lab->course, name);
    if (path_exists(own))
        return take(own);
    auto_free char *below = str_format("fixtures/%s", name);
    struct err none = ERR_INIT;
    char *path = box_tool_path(below, &none);
    err_release(&none);
    return path;
}

bool services_stage(const struct lab *lab, const struct stage *stage, char **out_folder,
                    struct err *err)
{
    *out_folder = path_join(stage->path, "fixtures");
    if (path_exists(*out_folder))
        return true;
    if (lab->services.count > 0 && !course_demand_allowed(lab->course, err))
        return false;
    auto_free char *made = stage_folder(stage, "fixtures", err);
    for (size_t i = 0; made != NULL && i < lab->services.count; i++) {
        auto_free char *from = services_fixture(lab, lab->services.items[i]);
        auto_free char *to = path_join(made, lab->services.items[i]);
        if (from == NULL || file_copy(from, to, 0755, err))
            continue;
        err_set_cure(err, STAGE_CURE);
        return false;
    }
    return made != NULL;
}

char *services_box_init(const struct stage *stage, struct err *err)
{
    auto_free char *copy = path_join(stage->path, "box-init");
    if (path_exists(copy))
        return take(copy);
    auto_free char *init = box_init_path(err);
    if (init == NULL)
        return NULL;
    if (file_copy(init, copy, 0755, err))
        return take(copy);
    err_set_cure(err, STAGE_CURE);
    return NULL;
}

static char *staged(const struct stage *stage, const char *name)
{
    auto_free char *folder = path_join(stage->path, "fixtures");
    return path_join(folder, name);
}

// ---------------------------------------------------------------- reading what they say

static long long milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Reads until the end; what is too much is dropped. False: it took too long, or Ctrl-C came.
static bool read_to_end(int from, int seconds, struct str *said)
{
    long long until = milliseconds_now() + seconds * 1000LL;
    for (;;) {
        struct pollfd events[] = {{.fd = from, .events = POLLIN},
                                  {.fd = interrupt_descriptor(), .events = POLLIN}};
        long long left = until - milliseconds_now();
        if (left <= 0 || (poll(events, 2, (int)left) < 0 && errno != EINTR) ||
            interrupt_happened(NULL))
            return false;
        if (events[0].revents == 0)
            continue;
        char bytes[4096];
        ssize_t got = read(from, bytes, sizeof bytes);
        if (got == 0 || (got < 0 && errno != EINTR))
            return true;
        if (got > 0 && said->length < SAID_MOST)
            str_append_bytes(said, bytes, (size_t)got);
    }
}

// ---------------------------------------------------------------- what they need

static char *member(const cJSON *object, const char *name)
{
    return mem_copy_string(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name)));
}

void services_ask(const struct stage *stage, const char *name, struct service_needs *out)
{
    int ends[2];
    *out = (struct service_needs){0};
    auto_free char *fixture = staged(stage, name);
    if (!path_exists(fixture) || pipe2(ends, O_CLOEXEC) < 0)
        return;
    auto_close int output = ends[0];
    const struct process_descriptor descriptors[] = {{ends[1], STDOUT_FILENO}};
    const struct process_options options = {
        .argv = (const char *const[]){fixture, "--needs", NULL},
        .environment =
            (const char *const[]){"LANG=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL},
        .executable = -1,
        .descriptors = descriptors,
        .descriptor_count = 1,
        .folder = "/",
        .user = stage->user,
        .new_session = true,
    };
    struct process process = PROCESS_INIT;
    struct err none = ERR_INIT;
    auto_str struct str said = STR_INIT;
    bool started = process_start(&options, &process, &none);
    close(ends[1]);
    bool whole = started && read_to_end(output, ASK_SECONDS, &said);
    process_release(&process);
    err_release(&none);
    cJSON *answer = whole ? cJSON_Parse(str_text(&said)) : NULL;
    *out = (struct service_needs){.error = member(answer, "error"),
                                  .cure = member(answer, "cure"),
                                  .package = member(answer, "package"),
                                  .key = member(answer, "key")};
    cJSON_Delete(answer);
}

void service_needs_release(struct service_needs *needs)
{
    free(needs->error);
    free(needs->cure);
    free(needs->package);
    free(needs->key);
    *needs = (struct service_needs){0};
}

// ---------------------------------------------------------------- preparations

#ifdef __SANITIZE_ADDRESS__ // terabytes of addresses, all but a few never used
#define MEMORY_MOST 0
#else
#define MEMORY_MOST (2048 * MIB)
#endif

static bool box_prepare(const struct lab *lab, const struct stage *stage, const char *fixture,
                        const char *folder, int errors, struct box *out, struct err *err)
{
    auto_free char *init = services_box_init(stage, err);
    if (init == NULL)
        return false;
    auto_strings struct strings hidden = STRINGS_INIT;
    course_hidden(lab, &hidden);
    const struct box_mount mounts[] = {{fixture, "/fixture", false}, {folder, "/prepared", true}};
    const struct box_options options = {
        .level = stage->level,
        .init = init,
        .argv = (const char *const[]){"/fixture", "--prepare", "/prepared", NULL},
        .environment =
            (const char *const[]){"LANG=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL},
        .mounts = mounts,
        .mount_count = 2,
        .hidden = (const char *const *)hidden.items,
        .folder = "/prepared",
        .limits = {.memory = MEMORY_MOST,
                   .file_size = 256 * MIB,
                   .processes = 64,
                   .descriptors = 256,
                   .cpu_seconds = PREPARE_SECONDS / 2},
        .own_network = true,
        .allow_tmp = true,
        .standard_input = -1,
        .standard_output = -1,
        .standard_error = errors,
        .user = stage->user,
    };
    return box_start(&options, out, err);
}

static bool judge_end(const struct stage *stage, const char *name, struct box *box,
                      const struct str *said, struct err *err)
{
    int status = 0;
    if (box_wait(box, &status, err) != BOX_ENDED)
        return false;
    if (status == 0)
        return true;
    err_set(err, ERR_ENV, "the service %s cannot be prepared: %.*s", name,
            said->length > 0 ? (int)strcspn(said->data, "\n") : 17,
            said->length > 0 ? said->data : "it does not say why");
    if (stage->user.drop && box_level_is_bare(stage->level)) // without an entry in /etc/passwd
        err_set_cure(err, "at this level of the sandbox, start lab as an ordinary user");
    return false;
}

static bool prepare_anew(const struct lab *lab, const struct stage *stage, const char *name,
                         const char *folder, struct err *err)
{
    int ends[2];
    auto_free char *fixture = staged(stage, name);
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "no pipe for a service: %s", strerror(errno));
        return false;
    }
    auto_close int output = ends[0];
    auto_str struct str said = STR_INIT;
    struct box box = BOX_INIT;
    bool good = box_prepare(lab, stage, fixture, folder, ends[1], &box, err);
    close(ends[1]);
    if (good && !read_to_end(output, PREPARE_SECONDS, &said)) {
        good = false;
        if (!interrupt_happened(err))
            err_set(err, ERR_ENV, "the preparation of the service %s does not end", name);
    }
    good = good && judge_end(stage, name, &box, &said, err);
    box_release(&box);
    return good;
}

static bool prepare(const struct lab *lab, const struct stage *stage, const char *name,
                    struct err *err)
{
    auto_free char *short_name = str_format("prepared-%s", name);
    auto_free char *path = path_join(stage->path, short_name);
    if (path_exists(path))
        return true;
    struct service_needs needs;
    services_ask(stage, name, &needs);
    bool good = true;
    if (needs.error == NULL && needs.key != NULL) {
        auto_free char *folder = stage_folder(stage, short_name, err);
        good = folder != NULL;
        if (good && !services_cache_load(name, needs.key, folder)) {
            good = prepare_anew(lab, stage, name, folder, err);
            if (good)
                services_cache_store(name, needs.key, folder);
        }
        if (!good)
            folder_remove_all(path, NULL); // a half one must not be taken for a whole one
    }
    service_needs_release(&needs);
    return good;
}

bool services_prepare(const struct lab *lab, const struct stage *stage, struct err *err)
{
    auto_free char *fixtures = NULL;
    if (lab->services.count == 0)
        return true;
    if (!services_stage(lab, stage, &fixtures, err))
        return false;
    for (size_t i = 0; i < lab->services.count; i++)
        if (!prepare(lab, stage, lab->services.items[i], err))
            return false;
    return true;
}
