// SPDX-License-Identifier: MIT
// lab.json: read, checked beyond what its table says, and taken apart.
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "course/format.h"
#include "course/internal.h"

// ---- taking out what the table has passed

static char *text_of(const cJSON *object, const char *name)
{
    const cJSON *member = json_member(object, name);
    return member != NULL ? mem_copy_string(member->valuestring) : NULL;
}

static int integer_of(const cJSON *object, const char *name, int otherwise)
{
    const cJSON *member = object != NULL ? json_member(object, name) : NULL;
    return member != NULL ? (int)member->valuedouble : otherwise;
}

static void add_texts(const cJSON *object, const char *name, struct strings *out)
{
    for (const cJSON *item = json_first(json_member(object, name)); item != NULL; item = item->next)
        strings_add(out, item->valuestring);
}

static enum lab_kind kind_of(const cJSON *root)
{
    size_t kind = 0;
    while (strcmp(lab_kinds[kind], json_member(root, "kind")->valuestring) != 0)
        kind++;
    return (enum lab_kind)kind;
}

static void take_packages(const cJSON *root, struct lab *lab)
{
    const cJSON *packages = json_member(root, "packages");
    lab->packages = mem_alloc_array((size_t)cJSON_GetArraySize(packages), sizeof *lab->packages);
    for (const cJSON *package = json_first(packages); package != NULL; package = package->next) {
        lab->packages[lab->package_count++] =
            (struct lab_package){text_of(package, "pkg_config"), text_of(package, "debian")};
    }
}

static void take_steps(const cJSON *root, struct lab *lab)
{
    const cJSON *steps = json_member(root, "steps");
    lab->steps = mem_alloc_array((size_t)cJSON_GetArraySize(steps), sizeof *lab->steps);
    for (const cJSON *step = json_first(steps); step != NULL; step = step->next) {
        lab->steps[lab->step_count++] = (struct step){text_of(step, "id"), text_of(step, "title"),
                                                      integer_of(step, "points", 0)};
    }
}

static void take_limits(const cJSON *root, struct lab_limits *out)
{
    const cJSON *limits = json_member(root, "limits");
    *out = (struct lab_limits){
        .seconds = integer_of(limits, "seconds", 2),
        .memory_mb = integer_of(limits, "memory_mb", 256),
        .processes = integer_of(limits, "processes", 64),
        .files_mb = integer_of(limits, "files_mb", 64),
        .output_kb = integer_of(limits, "output_kb", 1024),
    };
}

static void take_all(const cJSON *root, struct lab *lab)
{
    lab->id = text_of(root, "id");
    lab->title = text_of(root, "title");
    lab->summary = text_of(root, "summary");
    lab->stage = text_of(root, "stage");
    lab->order = integer_of(root, "order", 0);
    lab->kind = kind_of(root);
    lab->difficulty = text_of(root, "difficulty");
    lab->minutes = integer_of(root, "minutes", 0);
    add_texts(root, "prerequisites", &lab->prerequisites);
    add_texts(json_member(root, "files"), "edit", &lab->edit);
    add_texts(json_member(root, "files"), "given", &lab->given);
    add_texts(root, "services", &lab->services);
    take_packages(root, lab);
    take_limits(root, &lab->limits);
    take_steps(root, lab);
}

// ---- what no table says

static bool check_id(const struct json_file *file, const char *folder, struct err *err)
{
    const cJSON *id = json_member(json_file_root(file), "id");
    if (strcmp(id->valuestring, path_base(folder)) == 0)
        return true;
    json_fail(file, id, err, "\"id\" is \"%s\", and the lab's folder is called \"%s\"",
              id->valuestring, path_base(folder));
    err_set_cure(err, "give both the same name");
    return false;
}

static bool check_steps(const struct json_file *file, struct err *err)
{
    const cJSON *steps = json_member(json_file_root(file), "steps");
    int points = 0;
    for (const cJSON *step = json_first(steps); step != NULL; step = step->next) {
        points += integer_of(step, "points", 0);
        const cJSON *id = json_member(step, "id");
        for (const cJSON *before = steps->child; before != step; before = before->next) {
            if (strcmp(json_member(before, "id")->valuestring, id->valuestring) != 0)
                continue;
            json_fail(file, id, err, "two steps are called \"%s\"", id->valuestring);
            err_set_cure(err, "rename one of the two, here and in lesson.md");
            return false;
        }
    }
    if (points != 100) {
        json_fail(file, steps, err, "the points of the steps sum to %d, expected 100", points);
        int off = abs(100 - points);
        err_set_cure(err, "give %d point%s %s", off, off == 1 ? "" : "s",
                     points < 100 ? "more" : "less");
        return false;
    }
    return true;
}

// Each of the files is a plain one in stub/, and in one of the two lists alone.
static bool check_files(const struct json_file *file, const struct lab *lab, const char *list,
                        struct err *err)
{
    const cJSON *files = json_member(json_file_root(file), "files");
    for (const cJSON *item = json_first(json_member(files, list)); item != NULL;
         item = item->next) {
        auto_free char *path = str_format("%s/stub/%s", lab->folder, item->valuestring);
        struct stat status;
        if (lstat(path, &status) < 0 || !S_ISREG(status.st_mode)) {
            json_fail(file, item, err, "\"%s\" names %s, and stub/ has no such file", list,
                      item->valuestring);
            err_set_cure(err, "write %s, or remove the name", path);
            return false;
        }
        if (strcmp(list, "given") == 0 && strings_have(&lab->edit, item->valuestring)) {
            json_fail(file, item, err, "%s is in \"edit\" and in \"given\"", item->valuestring);
            err_set_cure(err, "leave it in \"edit\" when the learner writes it, in \"given\" when "
                              "the lab does");
            return false;
        }
    }
    return true;
}

static bool check_stage(const struct json_file *file, const struct roadmap *roadmap,
                        struct err *err)
{
    const cJSON *stage = json_member(json_file_root(file), "stage");
    auto_free const char **ids = mem_alloc_array(roadmap->count, sizeof *ids);
    for (size_t i = 0; i < roadmap->count; i++) {
        ids[i] = roadmap->stages[i].id;
        if (strcmp(ids[i], stage->valuestring) == 0)
            return true;
    }
    json_fail(file, stage, err, "the roadmap has no stage \"%s\"", stage->valuestring);
    const char *meant = text_suggest(stage->valuestring, ids, roadmap->count);
    if (meant != NULL)
        err_set_cure(err, "did you mean \"%s\"?", meant);
    else
        err_set_cure(err, "use a stage of labs/roadmap.json");
    return false;
}

static bool check_prerequisites(const struct json_file *file, const struct courses *courses,
                                struct err *err)
{
    const cJSON *root = json_file_root(file);
    for (const cJSON *item = json_first(json_member(root, "prerequisites")); item != NULL;
         item = item->next) {
        if (strcmp(item->valuestring, json_member(root, "id")->valuestring) == 0) {
            json_fail(file, item, err, "the lab is its own prerequisite");
            err_set_cure(err, "remove it");
            return false;
        }
        auto_free char *folder = courses_lab_folder(courses, item->valuestring);
        if (folder == NULL) {
            json_fail(file, item, err, "there is no lab \"%s\"", item->valuestring);
            err_set_cure(err, "name a lab that `%s list` shows, or remove it", program_word());
            return false;
        }
    }
    return true;
}

static bool fill(const struct json_file *file, const struct lab_surroundings *around,
                 struct lab *lab, struct err *err)
{
    if (!format_check_file(file, &lab_format, err))
        return false;
    take_all(json_file_root(file), lab);
    return check_id(file, lab->folder, err) && check_steps(file, err) &&
           check_files(file, lab, "edit", err) && check_files(file, lab, "given", err) &&
           (around == NULL || (check_stage(file, around->roadmap, err) &&
                               check_prerequisites(file, around->courses, err)));
}

// <course>/labs/<id> without its last two parts.
static char *course_of(const char *folder)
{
    size_t length = strlen(folder);
    for (size_t parts = 0; parts < 2 && length > 0; parts++)
        while (length > 0 && folder[--length] != '/')
            ;
    return length > 0 ? str_format("%.*s", (int)length, folder) : mem_copy_string("/");
}

struct lab *lab_read(const char *folder, const struct lab_surroundings *around, struct err *err)
{
    auto_free char *path = path_join(folder, "lab.json");
    if (!path_exists(path)) {
        err_set(err, ERR_LAB, "%s is missing", path);
        err_set_cure(err, "write it (labs/README.md says how), or remove the folder");
        return NULL;
    }
    struct lab *lab = mem_alloc(sizeof *lab);
    lab->folder = path_real(folder, err);
    if (lab->folder == NULL) {
        lab_free(lab);
        return NULL;
    }
    lab->course = course_of(lab->folder);
    struct json_file *file = json_file_read(path, COURSE_FILE_MOST, ERR_LAB, err);
    bool good = file != NULL && fill(file, around, lab, err);
    json_file_free(file);
    if (!good) {
        lab_free(lab);
        return NULL;
    }
    return lab;
}

void lab_free(struct lab *lab)
{
    if (lab == NULL)
        return;
    char *const texts[] = {lab->folder,  lab->course, lab->grader,     lab->id,     lab->title,
                           lab->summary, lab->stage,  lab->difficulty, lab->version};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    strings_release(&lab->prerequisites);
    strings_release(&lab->edit);
    strings_release(&lab->given);
    strings_release(&lab->services);
    for (size_t i = 0; i < lab->package_count; i++) {
        free(lab->packages[i].pkg_config);
        free(lab->packages[i].debian);
    }
    free(lab->packages);
    for (size_t i = 0; i < lab->step_count; i++) {
        free(lab->steps[i].id);
        free(lab->steps[i].title);
    }
    free(lab->steps);
    free(lab);
}

const struct step *lab_step(const struct lab *lab, const char *id_or_number)
{
    char *end = NULL;
    if (id_or_number[0] >= '1' && id_or_number[0] <= '9') {
        unsigned long number = strtoul(id_or_number, &end, 10);
        return *end == '\0' && number <= lab->step_count ? &lab->steps[number - 1] : NULL;
    }
    for (size_t i = 0; i < lab->step_count; i++)
        if (strcmp(lab->steps[i].id, id_or_number) == 0)
            return &lab->steps[i];
    return NULL;
}

size_t lab_step_index(const struct lab *lab, const struct step *step)
{
    return (size_t)(step - lab->steps);
}
