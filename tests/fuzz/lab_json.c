// SPDX-License-Identifier: MIT
// lab.json: whatever loads keeps what its table promises; what does not is named with its place.
// parser: runner/course/lab.c runner/course/format.c
#include "target.h"

#include <string.h>

#include "base/file.h"
#include "course/internal.h"

static struct courses courses;
static struct roadmap roadmap;

static void put(const char *path, const void *bytes, size_t length)
{
    struct err err = ERR_INIT;
    auto_free char *folder = path_parent(path);
    MUST(folder_make_all(folder, 0700, &err) && file_write(-100, path, bytes, length, 0600, &err));
}

static void make_course(void)
{
    static const char stages[] = "{\"version\":1,\"stages\":[{\"id\":\"one\",\"title\":\"One\"}]}";
    struct err err = ERR_INIT;
    put("labs/roadmap.json", stages, sizeof stages - 1);
    put("labs/x/stub/server.c", "", 0);
    put("labs/x/stub/net/given.h", "", 0);
    put("labs/before/lab.json", "{}", 2);
    strings_add(&courses.roots, ".");
    MUST(roadmap_load(&courses, &roadmap, &err));
}

static void must_keep_its_promises(const struct lab *lab)
{
    MUST(strcmp(lab->id, "x") == 0 && lab->minutes >= 1 && lab->step_count >= 1);
    MUST(lab->limits.seconds >= 1 && lab->limits.memory_mb >= 32 && lab->limits.processes >= 4);
    int points = 0;
    for (size_t i = 0; i < lab->step_count; i++) {
        points += lab->steps[i].points;
        must_be_a_line(lab->steps[i].title);
        MUST(lab_step_index(lab, lab_step(lab, lab->steps[i].id)) == i);
    }
    MUST(points == 100 && lab_step(lab, "1") == lab->steps && lab_step(lab, "51") == NULL);
    for (size_t i = 0; i < lab->edit.count; i++)
        MUST(lab->edit.items[i][0] != '/' && strstr(lab->edit.items[i], "..") == NULL);
    for (size_t i = 0; i < lab->package_count; i++)
        MUST(lab->packages[i].debian != NULL && lab->packages[i].debian[0] != '-');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (courses.roots.count == 0)
        make_course();
    put("labs/x/lab.json", data, size);
    struct lab_surroundings around = {&roadmap, &courses};
    struct err err = ERR_INIT;
    struct lab *lab = lab_read("labs/x", &around, &err);
    if (lab != NULL) {
        must_keep_its_promises(lab);
    } else {
        must_be_a_line(err.message);
        MUST(err.kind == ERR_LAB && err.cure != NULL);
    }
    lab_free(lab);
    err_release(&err);
    return 0;
}
