// SPDX-License-Identifier: MIT
// Before each build: the lab's own files are as the lab has them.
#include "workspace/workspace.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "workspace/internal.h"

struct refreshing {
    const struct workspace *workspace;
    const struct lab *lab;
    struct strings *notes;
    char *backup; // made when first needed
    struct err *err;
};

static bool keep_copy(struct refreshing *refreshing, const char *name)
{
    if (refreshing->backup == NULL)
        refreshing->backup = backup_make(refreshing->workspace->folder, refreshing->err);
    if (refreshing->backup == NULL)
        return false;
    auto_free char *from = path_join(refreshing->workspace->folder, name);
    auto_free char *to = path_join(refreshing->backup, name);
    auto_free char *parent = str_format("%.*s", (int)(path_base(to) - to - 1), to);
    return (folder_make_all(parent, 0755, refreshing->err) &&
            file_copy(from, to, 0644, refreshing->err)) ||
           cannot_write(refreshing->err);
}

static bool restore_given(struct refreshing *refreshing, const struct wanted_file *file)
{
    const struct workspace *workspace = refreshing->workspace;
    enum presence presence = wanted_presence(workspace->folder, file);
    if (presence == PRESENT_SAME)
        return true;
    if (presence == PRESENT_OTHER && !keep_copy(refreshing, file->name))
        return false;
    if (!wanted_replace(workspace->folder, file, refreshing->err))
        return false;
    if (presence == PRESENT_NOT)
        strings_add_format(refreshing->notes, "%s was missing and is back", file->name);
    else
        strings_add_format(refreshing->notes,
                           "%s belongs to the lab and is as it was; your version: %s/%s",
                           file->name, refreshing->backup, file->name);
    return true;
}

static bool restore_all_given(struct refreshing *refreshing)
{
    const struct lab *lab = refreshing->lab;
    struct wanted_files stub = {0};
    bool whole = lab->given.count == 0 || wanted_stub(lab, &stub, refreshing->err);
    for (size_t i = 0; whole && i < lab->given.count; i++) {
        const struct wanted_file *file = wanted_find(&stub, lab->given.items[i]);
        whole = file == NULL || restore_given(refreshing, file);
    }
    wanted_release(&stub);
    return whole;
}

bool workspace_sources(const struct workspace *workspace, const struct lab *lab,
                       struct sources *out, struct err *err)
{
    struct wanted_files stub = {0};
    if (!sources_read(workspace->folder, NULL, out, err))
        return false;
    bool whole = lab->given.count == 0 || wanted_stub(lab, &stub, err);
    for (size_t i = 0; whole && i < lab->given.count; i++) {
        const struct wanted_file *file = wanted_find(&stub, lab->given.items[i]);
        if (file != NULL)
            sources_put(out, file->name, str_text(&file->bytes), file->bytes.length);
    }
    wanted_release(&stub);
    if (!whole)
        sources_release(out);
    return whole;
}

static bool has(const char *folder, const char *name)
{
    auto_free char *path = path_join(folder, name);
    return path_exists(path);
}

static bool is_current(const char *folder)
{
    struct sources sources = {0};
    if (!sources_read(folder, NULL, &sources, NULL))
        return true; // the build says what is wrong with them
    bool current = generated_is_current(folder, &sources);
    sources_release(&sources);
    return current;
}

static bool is_newer(const struct refreshing *refreshing)
{
    const char *version = refreshing->lab->version;
    return version != NULL && strcmp(version, refreshing->workspace->version) != 0;
}

// Writes what is missing, and what is ours still and has changed.
static bool restore_file(struct refreshing *refreshing, const struct wanted_file *file)
{
    const char *folder = refreshing->workspace->folder;
    enum presence presence = wanted_presence(folder, file);
    if (presence == PRESENT_OTHER) {
        // ./lab says where lab is: it stays as it was made.
        if (strcmp(file->name, "lab") == 0 || !generated_is_ours(folder, file->name))
            return true;
        if (!wanted_replace(folder, file, refreshing->err))
            return false;
    }
    if (presence == PRESENT_NOT) {
        if (!wanted_create(folder, file, refreshing->err))
            return false;
        strings_add_format(refreshing->notes, "%s was missing and is back", file->name);
    }
    return generated_remember(folder, file, refreshing->err);
}

// Only asked for when there is a reason: the compiler's words take two milliseconds.
static bool restore_generated(struct refreshing *refreshing)
{
    const char *folder = refreshing->workspace->folder;
    if (has(folder, "Makefile") && has(folder, "lab") && has(folder, "compile_commands.json") &&
        !is_newer(refreshing) && is_current(folder))
        return true;
    struct wanted_files files = {0};
    wanted_generated(refreshing->lab, folder, &files);
    bool whole = true;
    for (size_t i = 0; whole && i < files.count; i++)
        whole = restore_file(refreshing, &files.items[i]);
    wanted_release(&files);
    return whole;
}

static bool follow_lab(struct refreshing *refreshing)
{
    if (!is_newer(refreshing))
        return true;
    auto_free char *text = workspace_json(refreshing->lab);
    struct wanted_files head = {0};
    wanted_add(&head, WORKSPACE_FILE, text, strlen(text), 0644);
    bool whole = wanted_replace(refreshing->workspace->folder, &head.items[0], refreshing->err);
    wanted_release(&head);
    if (whole)
        strings_add_format(refreshing->notes,
                           "%s has changed since you last checked: its lesson may say more; your "
                           "files are as you left them",
                           refreshing->lab->id);
    return whole;
}

bool workspace_refresh(const struct workspace *workspace, const struct lab *lab,
                       struct strings *notes, struct err *err)
{
    struct refreshing refreshing = {workspace, lab, notes, NULL, err};
    // The given files first: they decide what is built.
    bool whole =
        restore_all_given(&refreshing) && restore_generated(&refreshing) && follow_lab(&refreshing);
    free(refreshing.backup);
    return whole;
}
