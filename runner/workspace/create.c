// SPDX-License-Identifier: MIT
// Making a workspace.
#include "workspace/workspace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/program.h"
#include "workspace/internal.h"

struct making {
    const struct lab *lab;
    char *folder;              // absolute
    struct wanted_files files; // all but .lab/workspace.json
    size_t generated;          // the first one that is not the stub's
    bool repairing;            // a workspace was here: what it has stays
};

static bool set_folder(const char *folder, struct making *making, struct err *err)
{
    struct stat status;
    if (folder[0] == '\0' || (stat(folder, &status) == 0 && !S_ISDIR(status.st_mode))) {
        err_set(err, ERR_USAGE, "\"%s\" is no folder", folder);
        err_set_cure(err, "choose another one: %s start %s DIR", program_word(), making->lab->id);
        return false;
    }
    if (folder_make_all(folder, 0755, err))
        making->folder = path_real(folder, err);
    if (making->folder == NULL)
        err_set_cure(err, "choose a folder that you may write: %s start %s DIR", program_word(),
                     making->lab->id);
    return making->folder != NULL;
}

static bool check_collisions(const struct making *making, struct err *err)
{
    for (size_t i = 0; !making->repairing && i < making->files.count; i++) {
        const struct wanted_file *file = &making->files.items[i];
        if (wanted_presence(making->folder, file) != PRESENT_OTHER)
            continue;
        err_set(err, ERR_USAGE, "%s/%s is there already, and is not what the lab brings",
                making->folder, file->name);
        err_set_cure(err, "move it away, or choose another folder: %s start %s DIR", program_word(),
                     making->lab->id);
        return false;
    }
    return true;
}

// What lab itself wrote is there: this was a workspace, though .lab is gone.
static bool was_workspace(const struct making *making)
{
    const struct wanted_file *launcher = wanted_find(&making->files, "lab");
    return launcher != NULL && wanted_presence(making->folder, launcher) == PRESENT_SAME;
}

// workspace.json comes last: a workspace that has it is whole.
static bool write_all(const struct making *making, struct err *err)
{
    for (size_t i = 0; i < making->files.count; i++) {
        const struct wanted_file *file = &making->files.items[i];
        if (wanted_presence(making->folder, file) == PRESENT_NOT &&
            !wanted_create(making->folder, file, err))
            return false;
        bool generated = i >= making->generated && strcmp(file->name, "lab") != 0;
        if (generated && wanted_presence(making->folder, file) == PRESENT_SAME &&
            !generated_remember(making->folder, file, err))
            return false;
    }
    auto_free char *text = workspace_json(making->lab);
    struct wanted_files head = {0};
    wanted_add(&head, WORKSPACE_FILE, text, strlen(text), 0644);
    bool whole = wanted_replace(making->folder, &head.items[0], err);
    wanted_release(&head);
    return whole;
}

// What is in the folder already. Returns false when that ends the matter: *out_existed, or err.
static bool look_around(struct making *making, bool *out_existed, struct workspace *out,
                        struct err *err)
{
    auto_free char *hidden = path_join(making->folder, WORKSPACE_FOLDER);
    auto_free char *head = path_join(making->folder, WORKSPACE_FILE);
    making->repairing = path_is_folder(hidden);
    if (!path_exists(head))
        return true;
    bool other_version = false;
    struct err why = ERR_INIT;
    if (!workspace_load(making->folder, out, &other_version, &why)) {
        // A damaged head is set aside, never deleted.
        auto_free char *aside = str_format("%s.damaged", head);
        if (other_version || rename(head, aside) < 0) {
            err_move(err, &why);
            return false;
        }
        err_release(&why);
        return true;
    }
    *out_existed = strcmp(out->lab, making->lab->id) == 0;
    if (*out_existed)
        return false;
    err_set(err, ERR_USAGE, "%s is the workspace of another lab, %s", making->folder, out->lab);
    err_set_cure(err, "choose another folder: %s start %s DIR", program_word(), making->lab->id);
    workspace_release(out);
    return false;
}

bool workspace_create(const struct lab *lab, const char *folder, bool *out_existed,
                      struct workspace *out, struct err *err)
{
    *out = (struct workspace){0};
    *out_existed = false;
    struct making making = {.lab = lab};
    bool made = false;
    bool other_version = false;
    if (set_folder(folder, &making, err) && look_around(&making, out_existed, out, err) &&
        wanted_stub(lab, &making.files, err)) {
        making.generated = making.files.count;
        wanted_generated(lab, making.folder, &making.files);
        making.repairing = making.repairing || was_workspace(&making);
        made = check_collisions(&making, err) && write_all(&making, err) &&
               workspace_load(making.folder, out, &other_version, err);
    }
    wanted_release(&making.files);
    free(making.folder);
    return made || *out_existed;
}
