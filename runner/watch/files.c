// SPDX-License-Identifier: MIT
/*
 * Saves. An event starts a short wait for more of them, since an editor's save is several writes
 * and renames; then the stamp of the sources is compared with the last one. A look that comes in
 * the middle of a slow save does no harm: the rest of the save is another event and another look.
 */
#include "watch/files.h"

#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/file.h"
#include "base/str.h"
#include "build/build.h"

enum {
    QUIET_MILLISECONDS = 8,    // without an event: the save is done
    PATIENT_MILLISECONDS = 60, // in a folder that is written to all the time
    POLL_MILLISECONDS = 300,
};

struct folder {
    struct files *files;
    uv_fs_event_t handle;
};

struct files {
    uv_loop_t *loop;
    char *path;
    bool poll;
    void (*told)(void *context, enum files_news news);
    void *context;
    char *stamp;
    struct strings names;    // of the watched folders
    struct folder **folders; // as many, NULL: no events from it
    uv_timer_t *wait, *tick;
    bool waiting, gone;
    uint64_t first; // event of those that are waited for, ms
};

// ---------------------------------------------------------------- where events come from

// Local file systems, whose every change passes this kernel. Others may be changed from elsewhere.
static bool sends_events(const char *path)
{
    static const long known[] = {
        EXT4_SUPER_MAGIC,      BTRFS_SUPER_MAGIC,
        XFS_SUPER_MAGIC,       TMPFS_MAGIC,
        OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
        RAMFS_MAGIC,           0x2fc12fc1 /* ZFS, which is not in the kernel's headers */,
        (long)0xca451a4e /* bcachefs, likewise */};
    struct statfs status;
    if (statfs(path, &status) < 0)
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((unsigned long)status.f_type == (unsigned long)known[i])
            return true;
    return false;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle);
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status);

static void unwatch(struct files *files)
{
    for (size_t i = 0; i < files->names.count; i++)
        if (files->folders[i] != NULL)
            uv_close((uv_handle_t *)&files->folders[i]->handle, on_closed);
    free(take(files->folders));
    strings_release(&files->names);
    files->names = (struct strings)STRINGS_INIT;
}

static struct folder *watch_one(struct files *files, const char *name)
{
    auto_free char *path =
        name[0] != '\0' ? path_join(files->path, name) : mem_copy_string(files->path);
    struct folder *folder = mem_alloc(sizeof *folder);
    folder->files = files;
    uv_fs_event_init(files->loop, &folder->handle);
    folder->handle.data = folder;
    if (sends_events(path) && uv_fs_event_start(&folder->handle, on_event, path, 0) == 0)
        return folder;
    uv_close((uv_handle_t *)&folder->handle, on_closed);
    return NULL;
}

static void on_tick(uv_timer_t *timer)
{
    files_look(timer->data);
}

// Watches these folders. One without events is reason enough to look from time to time.
static void watch(struct files *files, struct strings *names)
{
    unwatch(files);
    files->names = *names;
    *names = (struct strings)STRINGS_INIT;
    files->folders = mem_alloc_array(files->names.count + 1, sizeof(struct folder *));
    bool all = !files->poll;
    for (size_t i = 0; i < files->names.count && !files->poll; i++) {
        files->folders[i] = watch_one(files, files->names.items[i]);
        all = all && files->folders[i] != NULL;
    }
    if (all)
        uv_timer_stop(files->tick);
    else
        uv_timer_start(files->tick, on_tick, POLL_MILLISECONDS, POLL_MILLISECONDS);
}

// ---------------------------------------------------------------- looking

static bool same_names(const struct strings *a, const struct strings *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i], b->items[i]) == 0;
    return same;
}

// What is there now. A folder that is new, or was there under the same name before, is watched from
// here on, and then looked at once more: something may have been put into it in between.
static char *look(struct files *files, bool renew, struct err *err)
{
    auto_strings struct strings names = STRINGS_INIT;
    char *stamp = sources_stamp(files->path, &names, err);
    if (stamp == NULL || (!renew && same_names(&names, &files->names)))
        return stamp;
    watch(files, &names);
    free(stamp);
    return sources_stamp(files->path, NULL, err);
}

static void look_and_tell(struct files *files, bool renew)
{
    struct err err = ERR_INIT;
    if (files->gone)
        return;
    auto_free char *stamp = look(files, renew, &err);
    err_release(&err);
    if (stamp == NULL) {
        files->gone = true;
        files->told(files->context, FILES_GONE);
    } else if (strcmp(stamp, files->stamp) != 0) {
        free(files->stamp);
        files->stamp = take(stamp);
        files->told(files->context, FILES_SAVED);
    }
}

void files_look(struct files *files)
{
    look_and_tell(files, false);
}

void files_accept(struct files *files)
{
    struct err err = ERR_INIT;
    char *stamp = look(files, false, &err);
    err_release(&err);
    if (stamp == NULL)
        return; // the next look says so
    free(files->stamp);
    files->stamp = stamp;
}

static void on_quiet(uv_timer_t *timer)
{
    struct files *files = timer->data;
    files->waiting = false;
    look_and_tell(files, true);
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
    (void)name, (void)events, (void)status;
    struct folder *folder = handle->data;
    struct files *files = folder->files;
    uint64_t now = uv_now(files->loop);
    if (!files->waiting)
        files->first = now;
    files->waiting = true;
    uint64_t spent = now - files->first;
    uint64_t left = spent < PATIENT_MILLISECONDS ? PATIENT_MILLISECONDS - spent : 0;
    uv_timer_start(files->wait, on_quiet, left < QUIET_MILLISECONDS ? left : QUIET_MILLISECONDS, 0);
}

// ---------------------------------------------------------------- beginning and end

static uv_timer_t *new_timer(struct files *files)
{
    uv_timer_t *timer = mem_alloc(sizeof *timer);
    uv_timer_init(files->loop, timer);
    timer->data = files;
    return timer;
}

struct files *files_watch(uv_loop_t *loop, const char *folder, bool poll,
                          void (*told)(void *context, enum files_news news), void *context,
                          struct err *err)
{
    struct files *files = mem_alloc(sizeof *files);
    *files = (struct files){.loop = loop,
                            .path = mem_copy_string(folder),
                            .poll = poll,
                            .told = told,
                            .context = context,
                            .names = STRINGS_INIT};
    files->wait = new_timer(files);
    files->tick = new_timer(files);
    files->stamp = look(files, true, err);
    if (files->stamp != NULL)
        return files;
    files_close(files);
    return NULL;
}

void files_close(struct files *files)
{
    if (files == NULL)
        return;
    unwatch(files);
    uv_close((uv_handle_t *)files->wait, on_timer_closed);
    uv_close((uv_handle_t *)files->tick, on_timer_closed);
    free(files->path);
    free(files->stamp);
    free(files);
}
