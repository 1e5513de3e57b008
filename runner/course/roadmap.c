// SPDX-License-Identifier: MIT
// The roadmap: labs/roadmap.json of the first course that has one.
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "course/format.h"
#include "course/internal.h"

static bool check_stages(const struct json_file *file, const cJSON *stages, struct err *err)
{
    for (const cJSON *stage = json_first(stages); stage != NULL; stage = stage->next) {
        const cJSON *id = json_member(stage, "id");
        for (const cJSON *before = stages->child; before != stage; before = before->next) {
            if (!str_equal(json_member(before, "id")->valuestring, id->valuestring))
                continue;
            json_fail(file, id, err, "two stages are called \"%s\"", id->valuestring);
            err_set_cure(err, "rename one of the two");
            return false;
        }
    }
    return true;
}

static bool read_stages(const struct json_file *file, struct roadmap *out, struct err *err)
{
    if (!format_check_file(file, &roadmap_format, err))
        return false;
    const cJSON *stages = json_member(json_file_root(file), "stages");
    if (!check_stages(file, stages, err))
        return false;
    struct roadmap roadmap = {NULL, 0};
    roadmap.stages = mem_alloc_array((size_t)cJSON_GetArraySize(stages), sizeof *roadmap.stages);
    for (const cJSON *stage = json_first(stages); stage != NULL; stage = stage->next) {
        roadmap.stages[roadmap.count++] = (struct roadmap_stage){
            mem_copy_string(json_member(stage, "id")->valuestring),
            mem_copy_string(json_member(stage, "title")->valuestring),
        };
    }
    *out = roadmap;
    return true;
}

bool roadmap_load(const struct courses *courses, struct roadmap *out, struct err *err)
{
    for (size_t i = 0; i < courses->roots.count; i++) {
        auto_free char *path = path_join(courses->roots.items[i], "labs/roadmap.json");
        if (!path_exists(path))
            continue;
        struct json_file *file = json_file_read(path, COURSE_FILE_MOST, ERR_LAB, err);
        bool good = file != NULL && read_stages(file, out, err);
        json_file_free(file);
        return good;
    }
    err_set(err, ERR_LAB, "%s/labs/roadmap.json is missing", courses->roots.items[0]);
    err_set_cure(err, "write it: {\"version\": 1, \"stages\": [{\"id\": …, \"title\": …}]}");
    return false;
}

void roadmap_release(struct roadmap *roadmap)
{
    for (size_t i = 0; i < roadmap->count; i++) {
        free(roadmap->stages[i].id);
        free(roadmap->stages[i].title);
    }
    free(roadmap->stages);
    *roadmap = (struct roadmap){NULL, 0};
}
