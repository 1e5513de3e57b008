// SPDX-License-Identifier: MIT
// Finding a workspace, and its .lab/workspace.json.
#include "workspace/workspace.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/program.h"
#include "base/text.h"
#include "workspace/internal.h"

char *workspace_json(const struct lab *lab)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "version", WORKSPACE_VERSION);
    cJSON_AddStringToObject(object, "lab", lab->id);
    cJSON_AddStringToObject(object, "course", lab->course);
    cJSON_AddStringToObject(object, "lab_version", lab->version != NULL ? lab->version : "");
    char *printed = cJSON_Print(object);
    cJSON_Delete(object);
    if (printed == NULL)
        abort();
    char *text = str_format("%s\n", printed);
    cJSON_free(printed);
    return text;
}

// The id becomes part of paths.
static bool is_id(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool check_version(const struct json_file *file, bool *out_other, struct err *err)
{
    long long version = 0;
    const cJSON *root = json_file_root(file);
    if (!json_get_integer(file, root, "version", 1, 1000000, &version, err))
        return false;
    *out_other = version != WORKSPACE_VERSION;
    if (!*out_other)
        return true;
    json_fail(file, json_member(root, "version"), err,
              "the workspace is of version %lld, and this lab knows version %d", version,
              WORKSPACE_VERSION);
    err_set_cure(err, "update lab, or start anew in another folder: %s start LAB DIR",
                 program_word());
    return false;
}

static void cure_start_again(const char *folder, struct err *err)
{
    auto_str struct str word = STR_INIT;
    text_append_shell_word(&word, folder);
    err_set_cure(err, "start the lab there again, your files stay as they are: %s start LAB %s",
                 program_word(), str_text(&word));
}

static bool fill(const struct json_file *file, struct workspace *out, struct err *err)
{
    static const char *const names[] = {"version", "lab", "course", "lab_version"};
    const cJSON *root = json_file_root(file);
    const char *lab = NULL;
    const char *course = NULL;
    const char *version = NULL;
    if (!json_check_keys(file, root, names, 4, err) ||
        !json_get_string(file, root, "lab", &lab, err) ||
        !json_get_string(file, root, "course", &course, err) ||
        !json_get_string(file, root, "lab_version", &version, err))
        return false;
    if (!is_id(lab)) {
        json_fail(file, json_member(root, "lab"), err, "\"%s\" is no lab's id", lab);
        return false;
    }
    out->lab = mem_copy_string(lab);
    out->course = mem_copy_string(course);
    out->version = mem_copy_string(version);
    return true;
}

bool workspace_load(const char *folder, struct workspace *out, bool *out_other_version,
                    struct err *err)
{
    *out = (struct workspace){0};
    *out_other_version = false;
    auto_free char *path = path_join(folder, WORKSPACE_FILE);
    struct json_file *file = json_file_read(path, 65536, ERR_ENV, err);
    // The version first: another one may have other keys.
    bool loaded =
        file != NULL && check_version(file, out_other_version, err) && fill(file, out, err);
    json_file_free(file);
    if (loaded)
        out->folder = mem_copy_string(folder);
    else if (!*out_other_version)
        cure_start_again(folder, err);
    return loaded;
}

static bool exists_below(const char *folder, const char *name)
{
    auto_free char *path = path_join(folder, name);
    struct stat status;
    return lstat(path, &status) == 0;
}

static bool set_none(const char *folder, const char *damaged, struct err *err)
{
    if (damaged != NULL) {
        err_set(err, ERR_ENV, "%s/" WORKSPACE_FILE " is missing", damaged);
        cure_start_again(damaged, err);
        return false;
    }
    err_set(err, ERR_USAGE,
            "%s is no workspace: neither it nor a folder above it has " WORKSPACE_FILE, folder);
    err_set_cure(err, "go to a workspace (cd DIR) or make one: %s start LAB DIR", program_word());
    return false;
}

bool workspace_find(const char *folder, struct workspace *out, struct err *err)
{
    *out = (struct workspace){0};
    auto_free char *at = realpath(folder, NULL);
    if (at == NULL) {
        bool gone = errno == ENOENT;
        err_set(err, ERR_USAGE, "%s: %s", folder,
                gone ? "the folder is not there any more" : strerror(errno));
        err_set_cure(err, "go to a folder that is there: cd DIR");
        return false;
    }
    auto_free char *first = mem_copy_string(at);
    auto_free char *damaged = NULL;
    for (;;) {
        bool other_version = false;
        if (exists_below(at, WORKSPACE_FILE))
            return workspace_load(at, out, &other_version, err);
        // What a workspace leaves behind without its head; a folder of that name alone says
        // nothing.
        if (damaged == NULL && (exists_below(at, WORKSPACE_FOLDER "/last") ||
                                exists_below(at, WORKSPACE_FOLDER "/backup")))
            damaged = mem_copy_string(at);
        char *slash = strrchr(at, '/');
        if (slash == at && at[1] == '\0')
            return set_none(first, damaged, err);
        slash[slash == at] = '\0';
    }
}

void workspace_release(struct workspace *workspace)
{
    free(workspace->folder);
    free(workspace->lab);
    free(workspace->course);
    free(workspace->version);
    *workspace = (struct workspace){0};
}
