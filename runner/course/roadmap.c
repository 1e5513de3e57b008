// SPDX-License-Identifier: MIT
// The roadmap: what the courses' labs/roadmap.json say.
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

static bool has_stage(const struct roadmap *roadmap, const char *id)
{
    for (size_t i = 0; i < roadmap->count; i++)
        if (strcmp(roadmap->stages[i].id, id) == 0)
            return true;
    return false;
}

// Appends the stages that are not there yet.
static bool add_stages(const struct json_file *file, struct roadmap *roadmap, struct err *err)
{
    if (!format_check_file(file, &roadmap_format, err))
        return false;
    const cJSON *stages = json_member(json_file_root(file), "stages");
    if (!check_stages(file, stages, err))
        return false;
    size_t most = roadmap->count + (size_t)cJSON_GetArraySize(stages);
    roadmap->stages = mem_resize(roadmap->stages, most * sizeof *roadmap->stages);
    for (const cJSON *stage = json_first(stages); stage != NULL; stage = stage->next) {
        const char *id = json_member(stage, "id")->valuestring;
        if (has_stage(roadmap, id))
            continue;
        roadmap->stages[roadmap->count++] = (struct roadmap_stage){
            mem_copy_string(id), mem_copy_string(json_member(stage, "title")->valuestring)};
    }
    return true;
}

bool roadmap_load(const struct courses *courses, struct roadmap *out, struct err *err)
{
    struct roadmap roadmap = {NULL, 0};
    for (size_t i = 0; i < courses->roots.count; i++) {
        auto_free char *path = path_join(courses->roots.items[i], "labs/roadmap.json");
        if (!path_exists(path))
            continue;
        struct json_file *file = json_file_read(path, COURSE_FILE_MOST, ERR_LAB, err);
        bool good = file != NULL && add_stages(file, &roadmap, err);
        json_file_free(file);
        if (good)
            continue;
        roadmap_release(&roadmap);
        return false;
    }
    if (roadmap.count > 0) {
        *out = roadmap;
        return true;
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
