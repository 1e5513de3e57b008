// SPDX-License-Identifier: MIT
// Beginning again: the learner's files are copied, then the stub's or an attempt's take their
// place.
#include "workspace/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "workspace/internal.h"

// What the lab's own lists add to the sources.
static bool read_current(const struct workspace *workspace, const struct wanted_files *stub,
                         struct sources *out, struct err *err)
{
    auto_strings struct strings extra = STRINGS_INIT;
    for (size_t i = 0; i < stub->count; i++)
        strings_add(&extra, stub->items[i].name);
    return sources_read(workspace->folder, &extra, out, err);
}

static bool back_up(const struct sources *current, const char *backup, struct err *err)
{
    for (size_t i = 0; i < current->count; i++) {
        const struct source *source = &current->items[i];
        struct wanted_files copy = {0};
        wanted_add(&copy, source->name, source->data, source->length, 0644);
        bool whole = wanted_create(backup, &copy.items[0], err);
        wanted_release(&copy);
        if (!whole)
            return false;
    }
    return true;
}

static bool put_all(const struct workspace *workspace, const struct wanted_files *files,
                    struct err *err)
{
    for (size_t i = 0; i < files->count; i++)
        if (wanted_presence(workspace->folder, &files->items[i]) != PRESENT_SAME &&
            !wanted_replace(workspace->folder, &files->items[i], err))
            return false;
    return true;
}

// A source that the new state does not have would be compiled with it.
static bool remove_others(const struct workspace *workspace, const struct sources *current,
                          const struct wanted_files *files, struct err *err)
{
    for (size_t i = 0; i < current->count; i++) {
        const char *name = current->items[i].name;
        bool compiled = str_ends_with(name, ".c") || str_ends_with(name, ".h");
        if (!compiled || wanted_find(files, name) != NULL)
            continue;
        auto_free char *path = path_join(workspace->folder, name);
        if (unlink(path) < 0 && errno != ENOENT) {
            err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
            return cannot_write(err);
        }
    }
    return true;
}

// The stub, or the sources of an attempt over the lab's given files.
static void choose_files(const struct lab *lab, const struct wanted_files *stub,
                         const struct sources *sources, struct wanted_files *out)
{
    for (size_t i = 0; sources != NULL && i < sources->count; i++)
        wanted_add(out, sources->items[i].name, sources->items[i].data, sources->items[i].length,
                   0644);
    for (size_t i = 0; i < stub->count; i++) {
        const struct wanted_file *file = &stub->items[i];
        bool wanted = sources == NULL || strings_have(&lab->given, file->name);
        if (wanted && wanted_find(out, file->name) == NULL)
            wanted_add(out, file->name, str_text(&file->bytes), file->bytes.length, file->mode);
    }
}

bool workspace_reset(const struct workspace *workspace, const struct lab *lab,
                     const struct sources *sources, char **out_backup, struct err *err)
{
    *out_backup = NULL;
    struct wanted_files stub = {0};
    struct wanted_files files = {0};
    struct sources current = {0};
    bool kept = wanted_stub(lab, &stub, err) && read_current(workspace, &stub, &current, err);
    if (kept)
        *out_backup = backup_make(workspace->folder, err);
    kept = kept && *out_backup != NULL && back_up(&current, *out_backup, err);
    choose_files(lab, &stub, sources, &files);
    bool whole =
        kept && put_all(workspace, &files, err) && remove_others(workspace, &current, &files, err);
    if (kept && !whole)
        err_add_context(err, "the reset is not whole, all your files are in %s", *out_backup);
    if (!kept && *out_backup != NULL)
        folder_remove_all(*out_backup, NULL);
    if (!whole)
        free(take(*out_backup));
    wanted_release(&files);
    wanted_release(&stub);
    sources_release(&current);
    return whole;
}
