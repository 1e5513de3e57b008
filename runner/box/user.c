// SPDX-License-Identifier: MIT
// Which host user runs what a check needs.
#include "box/user.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

// Below systemd's range for dynamic users (61184 up), above the one of systemd-homed.
#define FIRST_UID 60513
#define LAST_UID 61183

// What the caller's `id` is called in the namespace outside, by a file like /proc/self/uid_map; -1
// when it is not mapped.
static long long outside_of(const char *map_path, long long id)
{
    FILE *map = fopen(map_path, "re");
    if (map == NULL)
        return id;
    long long inside, outside, count, found = -1;
    while (fscanf(map, "%lld %lld %lld", &inside, &outside, &count) == 3)
        if (id >= inside && id < inside + count)
            found = outside + (id - inside);
    fclose(map);
    return found;
}

bool user_is_root(void)
{
    return geteuid() == 0 && outside_of("/proc/self/uid_map", 0) == 0;
}

bool user_is_lent(uid_t uid)
{
    return uid >= FIRST_UID && uid <= LAST_UID;
}

// A folder in which only root can make files, so that nobody else can hold a lock.
static int lock_folder(struct err *err)
{
    static const char *const candidates[] = {"/run/lab", "/var/lib/lab", "/tmp/lab-users"};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        mkdir(candidates[i], 0700);
        int folder = open(candidates[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct stat status;
        if (folder >= 0 && fstat(folder, &status) == 0 && status.st_uid == 0 &&
            (status.st_mode & 022) == 0 && faccessat(folder, ".", W_OK, AT_EACCESS) == 0)
            return folder;
        if (folder >= 0)
            close(folder);
    }
    err_set(err, ERR_ENV,
            "no folder for the locks of unprivileged users can be made in /run, "
            "/var/lib or /tmp");
    err_set_cure(err, "Start lab as an ordinary user, or make /run writable for root.");
    return -1;
}

// Real uid of a process by /proc/PID/status; the owner of /proc/PID is root's for a process that
// cannot be dumped.
static bool process_has_uid(int processes, const char *pid, uid_t uid)
{
    auto_free char *path = str_format("%s/status", pid);
    auto_str struct str text = STR_INIT;
    struct err ignored = ERR_INIT;
    unsigned int ids[4];
    const char *line = NULL;
    if (file_read(processes, path, 65536, &text, &ignored))
        line = strstr(str_text(&text), "\nUid:");
    err_release(&ignored);
    if (line == NULL || sscanf(line, "\nUid: %u %u %u %u", ids, ids + 1, ids + 2, ids + 3) != 4)
        return false;
    return ids[0] == uid || ids[1] == uid || ids[2] == uid || ids[3] == uid;
}

static bool has_processes(uid_t uid)
{
    DIR *stream = opendir("/proc");
    if (stream == NULL)
        return false;
    bool found = false;
    for (struct dirent *entry = readdir(stream); entry != NULL && !found; entry = readdir(stream))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            found = process_has_uid(dirfd(stream), entry->d_name, uid);
    closedir(stream);
    return found;
}

// The lock on a uid, or -1 when another attempt holds it.
static int uid_lock(int folder, uid_t uid)
{
    auto_free char *name = str_format("user-%u", uid);
    int lock = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        return lock;
    if (lock >= 0)
        close(lock);
    return -1;
}

static bool lend(struct process_user *out, int *out_lock, struct err *err)
{
    auto_close int folder = lock_folder(err);
    if (folder < 0)
        return false;
    for (uid_t uid = FIRST_UID; uid <= LAST_UID; uid++) {
        int lock = uid_lock(folder, uid);
        if (lock < 0)
            continue;
        if (getpwuid(uid) == NULL && getgrgid(uid) == NULL && !has_processes(uid)) {
            *out = (struct process_user){true, uid, uid, NULL};
            *out_lock = lock;
            return true;
        }
        close(lock);
    }
    err_set(err, ERR_ENV, "every uid from %d to %d is in use", FIRST_UID, LAST_UID);
    err_set_cure(err, "Start lab as an ordinary user.");
    return false;
}

bool user_pick(struct process_user *out, int *out_lock, struct err *err)
{
    *out_lock = -1;
    bool mapped = outside_of("/proc/self/uid_map", LAST_UID) >= 0 &&
                  outside_of("/proc/self/gid_map", LAST_UID) >= 0;
    if (geteuid() == 0 && mapped)
        return lend(out, out_lock, err);
    if (user_is_root()) {
        err_set(err, ERR_ENV, "root cannot be given up here: uid %d is not mapped", FIRST_UID);
        err_set_cure(err, "Start lab as an ordinary user.");
        return false;
    }
    *out = (struct process_user){false, geteuid(), getegid(), NULL};
    return true;
}
