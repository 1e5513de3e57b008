// SPDX-License-Identifier: MIT
// The courses that commands know, and the labs in them.
#include "course/course.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "course/internal.h"

// ---- courses

static bool add_course(struct courses *courses, const char *root, struct err *err)
{
    auto_free char *labs = path_join(root, "labs");
    if (root[0] != '/') {
        err_set(err, ERR_ENV, "LAB_PATH names \"%s\", which is not an absolute path", root);
        err_set_cure(err, "write it from / on, with ':' between courses");
        return false;
    }
    if (!path_is_folder(labs)) {
        err_set(err, ERR_ENV, "LAB_PATH names %s, and no folder labs/ is there", root);
        err_set_cure(err, "make the folder %s, or take the course out of LAB_PATH", labs);
        return false;
    }
    auto_free char *real = path_real(root, err);
    if (real == NULL)
        return false;
    // The same course again, perhaps by another name, would have every id twice.
    if (!strings_have(&courses->roots, real))
        strings_add(&courses->roots, real);
    return true;
}

static bool add_path(struct courses *courses, const char *path, struct err *err)
{
    for (const char *begin = path; begin != NULL && *begin != '\0';) {
        size_t length = strcspn(begin, ":");
        auto_free char *root = str_format("%.*s", (int)length, begin);
        if (length > 0 && !add_course(courses, root, err))
            return false;
        begin = begin[length] == ':' ? begin + length + 1 : NULL;
    }
    return true;
}

bool courses_find(struct courses *out, struct err *err)
{
    struct courses courses = {STRINGS_INIT, NULL};
    char *built_in = place_built_in_course(err);
    if (built_in == NULL)
        return false;
    strings_add_taken(&courses.roots, built_in);
    const char *home = getenv("LAB_HOME");
    if (home == NULL || home[0] == '\0')
        courses.here = course_around();
    if (courses.here != NULL && !strings_have(&courses.roots, courses.here))
        strings_add(&courses.roots, courses.here);
    const char *path = getenv("LAB_PATH");
    if (path != NULL && !add_path(&courses, path, err)) {
        courses_release(&courses);
        return false;
    }
    *out = courses;
    return true;
}

void courses_release(struct courses *courses)
{
    strings_release(&courses->roots);
    free(courses->here);
    courses->here = NULL;
}

static bool has_lab(const char *root, const char *id)
{
    auto_free char *file = str_format("%s/labs/%s/lab.json", root, id);
    return path_exists(file);
}

char *courses_lab_folder(const struct courses *courses, const char *id)
{
    if (courses->here != NULL && has_lab(courses->here, id))
        return str_format("%s/labs/%s", courses->here, id);
    for (size_t i = 0; i < courses->roots.count; i++)
        if (has_lab(courses->roots.items[i], id))
            return str_format("%s/labs/%s", courses->roots.items[i], id);
    return NULL;
}

// ---- the list of labs

// Where a lab stands on the roadmap: as much of its lab.json as can be read.
struct rank {
    char *id;
    size_t stage; // SIZE_MAX: unknown
    double order;
};

static void read_rank(const char *path, const struct roadmap *roadmap, struct rank *rank)
{
    rank->stage = SIZE_MAX;
    struct json_file *file = json_file_read(path, COURSE_FILE_MOST, ERR_LAB, NULL);
    if (file == NULL)
        return;
    const cJSON *root = json_file_root(file);
    const char *stage = cJSON_GetStringValue(json_member(root, "stage"));
    const cJSON *order = json_member(root, "order");
    if (cJSON_IsNumber(order))
        rank->order = order->valuedouble;
    for (size_t i = 0; stage != NULL && i < roadmap->count; i++)
        if (strcmp(roadmap->stages[i].id, stage) == 0)
            rank->stage = i;
    json_file_free(file);
}

static int compare_ranks(const void *a, const void *b)
{
    const struct rank *left = a;
    const struct rank *right = b;
    if (left->stage != right->stage)
        return left->stage < right->stage ? -1 : 1;
    if (left->order < right->order || left->order > right->order)
        return left->order < right->order ? -1 : 1;
    return strcmp(left->id, right->id);
}

// All ids, sorted by name, each once.
static bool list_ids(const struct courses *courses, struct strings *out, struct err *err)
{
    for (size_t i = 0; i < courses->roots.count; i++) {
        auto_strings struct strings names = STRINGS_INIT;
        auto_free char *labs = path_join(courses->roots.items[i], "labs");
        if (!folder_list(labs, &names, err))
            return false;
        for (size_t j = 0; j < names.count; j++)
            if (has_lab(courses->roots.items[i], names.items[j]) &&
                !strings_have(out, names.items[j]))
                strings_add(out, names.items[j]);
    }
    strings_sort(out);
    return true;
}

bool courses_list(const struct courses *courses, struct strings *out_ids, struct err *err)
{
    auto_strings struct strings ids = STRINGS_INIT;
    struct roadmap roadmap = {NULL, 0};
    if (!list_ids(courses, &ids, err) || !roadmap_load(courses, &roadmap, err))
        return false;
    auto_free struct rank *ranks = mem_alloc_array(ids.count, sizeof *ranks);
    for (size_t i = 0; i < ids.count; i++) {
        auto_free char *folder = courses_lab_folder(courses, ids.items[i]);
        auto_free char *path = path_join(folder, "lab.json");
        ranks[i].id = ids.items[i];
        read_rank(path, &roadmap, &ranks[i]);
    }
    qsort(ranks, ids.count, sizeof *ranks, compare_ranks);
    for (size_t i = 0; i < ids.count; i++)
        strings_add(out_ids, ranks[i].id);
    roadmap_release(&roadmap);
    return true;
}

int courses_last_order(const struct courses *courses, const char *stage)
{
    char *id = mem_copy_string(stage);
    struct roadmap_stage alone = {.id = id, .title = NULL};
    const struct roadmap only = {&alone, 1};
    auto_strings struct strings ids = STRINGS_INIT;
    double last = 0;
    list_ids(courses, &ids, NULL);
    for (size_t i = 0; i < ids.count; i++) {
        struct rank rank = {0};
        auto_free char *folder = courses_lab_folder(courses, ids.items[i]);
        auto_free char *path = path_join(folder, "lab.json");
        read_rank(path, &only, &rank);
        if (rank.stage == 0 && rank.order > last)
            last = rank.order;
    }
    free(id);
    return (int)last;
}

// ---- one lab

static bool unknown_lab(const struct courses *courses, const char *id, struct err *err)
{
    auto_strings struct strings ids = STRINGS_INIT;
    if (!list_ids(courses, &ids, err))
        return false;
    const char *meant = text_suggest(id, (const char *const *)ids.items, ids.count);
    err_set(err, ERR_USAGE, "there is no lab \"%s\"", id);
    if (meant != NULL)
        err_set_cure(err, "did you mean \"%s\"?", meant);
    else
        err_set_cure(err, "%s list shows all labs", program_word());
    return false;
}

// The folder of the one lab of that id.
static bool find_lab(const struct courses *courses, const char *id, char **out_folder,
                     struct err *err)
{
    const char *first = NULL;
    // Who stands in a course means its lab: the source of an installed one, for example.
    bool named = strpbrk(id, "/.") == NULL;
    if (named && courses->here != NULL && has_lab(courses->here, id)) {
        *out_folder = str_format("%s/labs/%s", courses->here, id);
        return true;
    }
    // What holds a '/' or begins with a dot is no id, whatever file it would lead to.
    for (size_t i = 0; named && i < courses->roots.count; i++) {
        const char *root = courses->roots.items[i];
        if (!has_lab(root, id))
            continue;
        if (first != NULL) {
            err_set(err, ERR_USAGE, "two courses have a lab \"%s\": %s and %s", id, first, root);
            err_set_cure(err, "rename one of the two, or take a course out of LAB_PATH");
            return false;
        }
        first = root;
    }
    if (first == NULL)
        return unknown_lab(courses, id, err);
    *out_folder = str_format("%s/labs/%s", first, id);
    return true;
}

static struct lab *finish(struct lab *lab, struct err *err)
{
    if (lab == NULL)
        return NULL;
    lab->grader = place_grader(lab->course, lab->id);
    lab->version = lab_version(lab, err);
    if (lab->version == NULL) {
        lab_free(lab);
        return NULL;
    }
    return lab;
}

struct lab *lab_load(const struct courses *courses, const char *id, struct err *err)
{
    auto_free char *folder = NULL;
    struct roadmap roadmap = {NULL, 0};
    if (!find_lab(courses, id, &folder, err) || !roadmap_load(courses, &roadmap, err))
        return NULL;
    const struct lab_surroundings around = {&roadmap, courses};
    struct lab *lab = lab_read(folder, &around, err);
    roadmap_release(&roadmap);
    return finish(lab, err);
}

struct lab *lab_load_folder(const char *folder, struct err *err)
{
    return finish(lab_read(folder, NULL, err), err);
}
