// SPDX-License-Identifier: MIT
// The stage: one temporary folder an attempt, swept away when its owner was killed.
#include "box/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/cgroup.h"
#include "box/user.h"

#define PREFIX "lab-stage-"
#define RANDOM_LENGTH 6 // mkdtemp's

static bool is_stage_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (!str_starts_with(name, PREFIX))
        return false;
    const char *random = name + strlen(PREFIX);
    return strlen(random) == RANDOM_LENGTH && strspn(random, letters) == RANDOM_LENGTH;
}

static bool is_ours(uid_t owner)
{
    return owner == geteuid() || (geteuid() == 0 && user_is_lent(owner));
}

// Removes one stage unless its owner lives, which the lock on it tells.
static void sweep_one(const char *base, int at, const char *name)
{
    auto_close int folder = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (folder < 0 || fstat(folder, &status) < 0 || !is_ours(status.st_uid) ||
        flock(folder, LOCK_EX | LOCK_NB) < 0)
        return;
    auto_free char *path = path_join(base, name);
    folder_remove_all(path, NULL);
}

static void sweep(const char *base)
{
    DIR *stream = opendir(base);
    if (stream == NULL)
        return;
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream))
        if (is_stage_name(entry->d_name))
            sweep_one(base, dirfd(stream), entry->d_name);
    closedir(stream);
}

// Every folder on the way lets others through: the unprivileged user must reach its stage.
static bool is_open_to_all(const char *path)
{
    auto_free char *copy = mem_copy_string(path);
    for (;;) {
        struct stat status;
        if (stat(copy[0] != '\0' ? copy : "/", &status) < 0 || (status.st_mode & S_IXOTH) == 0)
            return false;
        char *slash = strrchr(copy, '/');
        if (slash == NULL)
            return true;
        *slash = '\0';
    }
}

// Where stages can be made: programs are executed from there. NULL when not; the caller frees.
static char *usable_base(const char *path, bool drop)
{
    struct statvfs status;
    if (path == NULL || path[0] != '/')
        return NULL;
    auto_free char *real = path_real(path, NULL);
    if (real == NULL || !path_is_folder(real) || access(real, W_OK | X_OK) < 0 ||
        statvfs(real, &status) < 0 || (status.f_flag & ST_NOEXEC) != 0 ||
        (drop && !is_open_to_all(real)))
        return NULL;
    return take(real);
}

// Locks a new folder. False when another lab, sweeping, was faster: between mkdtemp and here the
// folder looks like one whose owner is gone.
static bool lock_new(struct stage *stage, bool *out_retry)
{
    struct stat held, named;
    *out_retry = false;
    stage->lock = open(stage->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (stage->lock < 0) {
        *out_retry = errno == ENOENT;
        return false;
    }
    bool locked = flock(stage->lock, LOCK_EX | LOCK_NB) == 0;
    *out_retry = !locked && errno == EWOULDBLOCK;
    if (locked && (fstat(stage->lock, &held) < 0 || lstat(stage->path, &named) < 0 ||
                   held.st_ino != named.st_ino || held.st_dev != named.st_dev)) {
        locked = false;
        *out_retry = true;
    }
    return locked;
}

static void forget_folder(struct stage *stage)
{
    if (stage->path != NULL && stage->lock >= 0)
        folder_remove_all(stage->path, NULL);
    if (stage->lock >= 0)
        close(stage->lock);
    stage->lock = -1;
    free(take(stage->path));
}

static bool make_folder(struct stage *stage, const char *base, struct err *err)
{
    for (bool again = true; again;) {
        stage->path = path_join(base, PREFIX "XXXXXX");
        if (mkdtemp(stage->path) == NULL) {
            err_set(err, ERR_ENV, "%s: %s", base, strerror(errno));
            free(take(stage->path));
            return false;
        }
        if (lock_new(stage, &again))
            break;
        if (!again)
            err_set(err, ERR_ENV, "%s: %s", stage->path, strerror(errno));
        if (stage->lock >= 0)
            close(stage->lock);
        stage->lock = -1;
        rmdir(stage->path); // unless the sweeper did
        free(take(stage->path));
        if (!again)
            return false;
    }
    if (!stage->user.drop || fchown(stage->lock, stage->user.uid, stage->user.gid) == 0)
        return true;
    err_set(err, ERR_ENV, "%s: cannot be given to user %u: %s", stage->path, stage->user.uid,
            strerror(errno));
    forget_folder(stage);
    return false;
}

static bool make_somewhere(struct stage *stage, struct err *err)
{
    const char *const candidates[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};
    struct err last = ERR_INIT;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        auto_free char *base = usable_base(candidates[i], stage->user.drop);
        if (base == NULL)
            continue;
        sweep(base);
        if (make_folder(stage, base, &last)) {
            err_release(&last);
            return true;
        }
    }
    if (last.kind != ERR_NONE)
        err_move(err, &last);
    else
        err_set(err, ERR_ENV,
                "no folder for temporary files: %s and /tmp cannot be written, or "
                "programs cannot be executed there",
                candidates[0] != NULL ? candidates[0] : "$TMPDIR");
    err_set_cure(err, "Set TMPDIR to a folder that has space, can be written and is not mounted "
                      "noexec.");
    return false;
}

// The level full: namespaces, and a control group around all that the attempt starts. Asked for by
// name it must be had.
static bool join_group(struct stage *stage, struct err *err)
{
    const char *told = getenv(BOX_LEVEL_VARIABLE);
    bool forced = told != NULL && told[0] != '\0';
    if (forced ? stage->level != BOX_FULL : stage->level != BOX_NAMESPACES)
        return true;
    struct cgroup group;
    if (cgroup_make(&group)) {
        stage->group = mem_alloc(sizeof *stage->group);
        *stage->group = group;
        stage->user.group = stage->group;
        stage->level = BOX_FULL;
        return true;
    }
    if (!forced)
        return true;
    err_set(err, ERR_ENV, "level full: no control group can be made here");
    err_set_cure(err, "Start it as `systemd-run --user --scope -p Delegate=yes lab …`, or leave "
                      "the level to lab.");
    return false;
}

bool stage_open(struct stage *out, struct err *err)
{
    struct stage stage = STAGE_INIT;
    if (!user_pick(&stage.user, &stage.user_lock, err))
        return false;
    if (!box_level_find(&stage.user, &stage.level, err) || !join_group(&stage, err) ||
        !make_somewhere(&stage, err)) {
        stage_close(&stage);
        return false;
    }
    *out = stage;
    return true;
}

char *stage_folder(const struct stage *stage, const char *name, struct err *err)
{
    auto_free char *path = path_join(stage->path, name);
    auto_close int made = -1;
    // By descriptors: the stage's user may be at work in it while root makes another folder.
    if (mkdirat(stage->lock, name, 0700) == 0)
        made = openat(stage->lock, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (made >= 0 && (!stage->user.drop || fchown(made, stage->user.uid, stage->user.gid) == 0))
        return take(path);
    err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
    err_set_cure(err, STAGE_CURE);
    return NULL;
}

void stage_close(struct stage *stage)
{
    forget_folder(stage);
    if (stage->group != NULL)
        cgroup_release(stage->group);
    free(stage->group);
    if (stage->user_lock >= 0)
        close(stage->user_lock);
    *stage = (struct stage)STAGE_INIT;
}
