// SPDX-License-Identifier: MIT
// Services of a grader that runs alone: their fixtures and preparations, made anew each time.
#include "alone.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "box/box.h"
#include "core.h"

enum { MOST_SAID = 65536 };

static void read_to_end(int from, struct str *out)
{
    for (;;) {
        char bytes[4096];
        ssize_t got = read(from, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        if (out->length < MOST_SAID)
            str_append_bytes(out, bytes, (size_t)got);
    }
}

// Does the fixture say that it has a preparation?
static bool has_preparation(const struct stage *stage, const char *fixture)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    auto_close int output = ends[0];
    const struct process_descriptor descriptors[] = {{ends[1], STDOUT_FILENO}};
    const struct process_options options = {
        .argv = (const char *const[]){fixture, "--needs", NULL},
        .environment = (const char *const[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL},
        .executable = -1,
        .descriptors = descriptors,
        .descriptor_count = 1,
        .user = stage->user,
    };
    struct process process = PROCESS_INIT;
    auto_str struct str said = STR_INIT;
    bool started = process_start(&options, &process, NULL);
    close(ends[1]);
    if (started)
        read_to_end(output, &said);
    process_release(&process);
    cJSON *answer = cJSON_Parse(str_text(&said));
    bool has_key = cJSON_IsString(cJSON_GetObjectItemCaseSensitive(answer, "key"));
    cJSON_Delete(answer);
    return has_key;
}

static bool prepare(const struct stage *stage, const char *init, const char *fixture,
                    const char *folder, struct err *err)
{
    const struct box_mount mounts[] = {{fixture, "/fixture", false}, {folder, "/prepared", true}};
    const struct box_options options = {
        .level = stage->level,
        .init = init,
        .argv = (const char *const[]){"/fixture", "--prepare", "/prepared", NULL},
        .environment = (const char *const[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL},
        .mounts = mounts,
        .mount_count = 2,
        .folder = "/prepared",
        .own_network = true,
        .allow_tmp = true,
        .standard_input = -1,
        .standard_output = STDERR_FILENO,
        .standard_error = STDERR_FILENO,
        .user = stage->user,
    };
    struct box box = BOX_INIT;
    int status = 0;
    bool ended = box_start(&options, &box, err) && box_wait(&box, &status, err) == BOX_ENDED;
    box_release(&box);
    if (ended && status != 0)
        err_set(err, ERR_ENV, "%s --prepare ended with raw status %d", path_base(fixture), status);
    return ended && status == 0;
}

static bool service_stage(const struct stage *stage, const char *init, const char *name,
                          struct err *err)
{
    auto_free char *below = str_format("fixtures/%s", name);
    auto_free char *from = box_tool_path(below, NULL);
    auto_free char *fixture = path_join(stage->path, below);
    auto_free char *prepared = str_format("prepared-%s", name);
    if (from == NULL || path_exists(fixture)) // the check that needs it will say so; or it is there
        return true;
    if (!file_copy(from, fixture, 0755, err))
        return false;
    if (!has_preparation(stage, fixture))
        return true;
    auto_free char *folder = stage_folder(stage, prepared, err);
    return folder != NULL && prepare(stage, init, fixture, folder, err);
}

static bool is_wanted(const char *id, const char *const *names, size_t count)
{
    bool wanted = count == 0;
    for (size_t i = 0; i < count; i++)
        wanted |= str_equal(names[i], id);
    return wanted;
}

bool alone_services_stage(const struct stage *stage, const char *init, const char *const *names,
                          size_t count, struct err *err)
{
    auto_free char *folder = stage_folder(stage, "fixtures", err);
    for (size_t i = 0; folder != NULL && i < kit_check_count(); i++) {
        const struct kit_check *check = kit_check_get(i);
        auto_free char *id = str_format("%s/%s", check->step, check->name);
        const char *at = is_wanted(id, names, count) ? check->services : NULL;
        while (at != NULL && *(at += strspn(at, " ")) != '\0') {
            size_t length = strcspn(at, " ");
            auto_free char *name = str_format("%.*s", (int)length, at);
            if (!service_stage(stage, init, name, err))
                return false;
            at += length;
        }
    }
    return folder != NULL;
}
