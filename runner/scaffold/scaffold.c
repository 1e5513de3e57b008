// SPDX-License-Identifier: MIT
// A new lab, made of the templates.
#include "scaffold/scaffold.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum { ID_MOST = 40, TITLE_MOST = 60, DEPTH_MOST = 8 };
#define TEMPLATE_MOST (1u << 20)

// ---------------------------------------------------------------- names

static const char *id_fault(const char *id)
{
    size_t length = strlen(id);
    if (length == 0)
        return "is empty";
    if (length > ID_MOST)
        return "has more than 40 characters";
    if (!islower((unsigned char)id[0]))
        return "does not begin with a lower-case letter";
    return strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") < length
               ? "has more than lower-case letters, digits and -"
               : NULL;
}

bool scaffold_check_names(const char *id, const char *title, struct err *err)
{
    const char *fault = id_fault(id);
    if (fault != NULL) {
        auto_free char *shown = text_escape(id, strlen(id));
        err_set(err, ERR_USAGE, "the id \"%s\" %s", shown, fault);
        err_set_cure(err, "call it like this: http-basics");
        return false;
    }
    size_t length = strlen(title);
    bool controls = false;
    for (size_t i = 0; i < length; i++)
        controls |= iscntrl((unsigned char)title[i]) != 0;
    if (length > 0 && !controls && text_utf8_prefix(title, length) == length &&
        text_width(title) <= TITLE_MOST)
        return true;
    err_set(err, ERR_USAGE, "a title has 1 to %d characters on one line", TITLE_MOST);
    err_set_cure(err, "write --title \"A server that greets\"");
    return false;
}

// ---------------------------------------------------------------- templates

// The folder of a kind's templates; the caller frees it.
static char *templates_of(const char *kind, struct err *err)
{
    auto_free char *program = realpath("/proc/self/exe", NULL);
    auto_free char *folder = program != NULL ? path_parent(program) : mem_copy_string(".");
    const char *const places[] = {"/../runner/scaffold/templates/", "/../share/lab/templates/"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        auto_free char *path = str_format("%s%s%s", folder, places[i], kind);
        if (path_is_folder(path))
            return take(path);
    }
    auto_free char *installed = str_format(LAB_INSTALL_DATA "/templates/%s", kind);
    if (path_is_folder(installed))
        return take(installed);
    err_set(err, ERR_ENV, "the templates of new labs are missing: %s is not there", installed);
    err_set_cure(err, "install lab again");
    return NULL;
}

// A title inside the quotes of a JSON string; the caller frees it.
static char *json_inside(const char *text)
{
    cJSON *string = cJSON_CreateString(text);
    auto_free char *quoted = cJSON_PrintUnformatted(string);
    cJSON_Delete(string);
    return str_format("%.*s", (int)strlen(quoted) - 2, quoted + 1);
}

// Appends what stands for a word between two '@', or the word itself.
static void append_word(struct str *out, const struct scaffold *scaffold, const char *word,
                        size_t length, bool json)
{
    auto_free char *title = json ? json_inside(scaffold->title) : mem_copy_string(scaffold->title);
    auto_free char *order = str_format("%d", scaffold->order);
    const char *const values[][2] = {
        {"ID", scaffold->id}, {"TITLE", title}, {"STAGE", scaffold->stage}, {"ORDER", order}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strlen(values[i][0]) == length && strncmp(values[i][0], word, length) == 0) {
            str_append(out, values[i][1]);
            return;
        }
    str_append_format(out, "@%.*s@", (int)length, word);
}

static void fill_in(const char *text, const struct scaffold *scaffold, bool json, struct str *out)
{
    while (*text != '\0') {
        size_t plain = strcspn(text, "@");
        str_append_bytes(out, text, plain);
        text += plain;
        if (*text == '\0')
            return;
        size_t length = strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (length == 0 || text[length + 1] != '@') { // "@@ -12,7 +12,7 @@" of a patch
            str_append_char(out, *text++);
            continue;
        }
        append_word(out, scaffold, text + 1, length, json);
        text += length + 2;
    }
}

// Takes out the line that names the schema, in a course that has none.
static void drop_schema_line(struct str *text)
{
    char *line = text->length > 0 ? strstr(text->data, "  \"$schema\"") : NULL;
    if (line == NULL)
        return;
    char *next = line + strcspn(line, "\n") + 1;
    memmove(line, next, strlen(next) + 1);
    text->length = strlen(text->data);
}

static bool copy_file(const char *from, const char *to, const struct scaffold *scaffold,
                      struct err *err)
{
    auto_str struct str template = STR_INIT;
    auto_str struct str text = STR_INIT;
    auto_free char *schema = path_join(scaffold->course, "labs/lab.schema.json");
    if (!file_read(AT_FDCWD, from, TEMPLATE_MOST, &template, err))
        return false;
    fill_in(str_text(&template), scaffold, str_ends_with(from, ".json"), &text);
    if (str_ends_with(from, "/lab.json") && !path_exists(schema))
        drop_schema_line(&text);
    return file_write(AT_FDCWD, to, str_text(&text), text.length, 0644, err);
}

static bool copy_folder(const char *from, const char *to, const struct scaffold *scaffold,
                        size_t depth, struct err *err)
{
    auto_strings struct strings names = STRINGS_INIT;
    if (!folder_list(from, &names, err) || !folder_make_all(to, 0755, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        auto_free char *source = path_join(from, names.items[i]);
        auto_free char *target = path_join(to, names.items[i]);
        bool copied = path_is_folder(source) && depth < DEPTH_MOST
                          ? copy_folder(source, target, scaffold, depth + 1, err)
                          : copy_file(source, target, scaffold, err);
        if (!copied)
            return false;
    }
    return true;
}

// ---------------------------------------------------------------- a lab

static bool is_free(const char *path, struct err *err)
{
    struct stat status;
    if (lstat(path, &status) < 0 && errno == ENOENT)
        return true;
    err_set(err, ERR_USAGE, "%s is there already", path);
    err_set_cure(err, "choose another id, or remove it; nothing was written");
    return false;
}

// Puts a finished file or folder in its place, where nothing may be.
static bool put(const char *made, const char *place, struct err *err)
{
    if (renameat2(AT_FDCWD, made, AT_FDCWD, place, RENAME_NOREPLACE) == 0)
        return true;
    // A file system that knows no such flag: it was looked at a moment ago.
    if (errno == EINVAL && is_free(place, err) && rename(made, place) == 0)
        return true;
    if (err->kind == ERR_NONE)
        err_set(err, ERR_ENV, "%s: %s", place, strerror(errno));
    return false;
}

bool scaffold_lab(const struct scaffold *scaffold, struct err *err)
{
    auto_free char *folder = str_format("%s/labs/%s", scaffold->course, scaffold->id);
    auto_free char *graders = path_join(scaffold->course, "graders");
    auto_free char *grader = str_format("%s/%s.c", graders, scaffold->id);
    auto_free char *templates = templates_of(scaffold->kind, err);
    if (templates == NULL || !is_free(folder, err) || !is_free(grader, err) ||
        !folder_make_all(graders, 0755, err))
        return false;
    // Hidden, so that nobody takes the half of it for a lab.
    auto_free char *half = str_format("%s/labs/.new-XXXXXX", scaffold->course);
    if (mkdtemp(half) == NULL) {
        err_set(err, ERR_ENV, "%s/labs: %s", scaffold->course, strerror(errno));
        return false;
    }
    auto_free char *lab_template = path_join(templates, "lab");
    auto_free char *lab = path_join(half, "lab");
    auto_free char *grader_template = path_join(templates, "grader.c");
    auto_free char *half_grader = path_join(half, "grader.c");
    bool made = copy_folder(lab_template, lab, scaffold, 0, err) &&
                copy_file(grader_template, half_grader, scaffold, err) &&
                put(half_grader, grader, err);
    if (made && !put(lab, folder, err)) {
        unlink(grader);
        made = false;
    }
    folder_remove_all(half, NULL);
    return made;
}

// ---------------------------------------------------------------- a course

// A fresh repository often has some words about itself.
static bool may_lie_there(const char *name)
{
    return name[0] == '.' || strncasecmp(name, "readme", 6) == 0 ||
           strncasecmp(name, "licen", 5) == 0;
}

static bool is_empty(struct err *err)
{
    auto_strings struct strings names = STRINGS_INIT;
    if (!folder_list(".", &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++)
        if (!may_lie_there(names.items[i])) {
            err_set(err, ERR_USAGE,
                    "this folder lies in no course, and is not empty, so it is made none: %s",
                    names.items[i]);
            err_set_cure(err, "go into a course, or make one: mkdir course && cd course");
            return false;
        }
    return true;
}

bool scaffold_course(const char *built_in, const char *stage, const char *stage_title,
                     struct err *err)
{
    static const char ignored[] = "/build/\n/workspaces/\n";
    auto_free char *title = json_inside(stage_title);
    auto_free char *roadmap =
        str_format("{\n  \"version\": 1,\n  \"stages\": [\n    { \"id\": \"%s\", \"title\": "
                   "\"%s\" }\n  ]\n}\n",
                   stage, title);
    auto_free char *schema = path_join(built_in, "labs/lab.schema.json");
    return is_empty(err) && folder_make_all("labs", 0755, err) &&
           folder_make_all("graders", 0755, err) &&
           (path_exists(".gitignore") ||
            file_write(AT_FDCWD, ".gitignore", ignored, strlen(ignored), 0644, err)) &&
           (!path_exists(schema) || file_copy(schema, "labs/lab.schema.json", 0644, err)) &&
           file_write(AT_FDCWD, "labs/roadmap.json", roadmap, strlen(roadmap), 0644, err);
}
