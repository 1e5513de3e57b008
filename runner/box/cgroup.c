// SPDX-License-Identifier: MIT
// A control group for all that an attempt starts, of either version.
#include "box/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

#define MIB ((unsigned long long)1 << 20)
#define LEAST_MEMORY (512 * MIB)
#define PROCESSES 8192
#define CPU_PART 4          // a quarter of what an ordinary group gets when cores are short
#define SHARES 1024         // of an ordinary group, version 1
#define WEIGHT 100          // and version 2
#define NAME "lab-attempt-" // of a group that is locked, the maker's number behind it for people
#define MAKE_TRIES 20
#define REMOVE_TRIES 200   // a group is busy until its processes are reaped
#define REMOVE_PAUSE_MS 10 //

// Three quarters of what is free now: whatever happens in the group, the machine keeps the rest.
static unsigned long long memory_limit(void)
{
    auto_str struct str text = STR_INIT;
    struct err ignored = ERR_INIT;
    unsigned long long free_kib = 0;
    if (file_read(AT_FDCWD, "/proc/meminfo", 65536, &text, &ignored)) {
        const char *line = strstr(str_text(&text), "MemAvailable:");
        if (line == NULL || sscanf(line, "MemAvailable: %llu", &free_kib) != 1)
            free_kib = 0;
    }
    err_release(&ignored);
    unsigned long long limit = free_kib / 4 * 3 * 1024;
    return limit > LEAST_MEMORY ? limit : LEAST_MEMORY;
}

static bool write_number(const char *folder, const char *name, unsigned long long number)
{
    auto_free char *path = path_join(folder, name);
    auto_close int file = open(path, O_WRONLY | O_CLOEXEC);
    auto_free char *text = str_format("%llu", number);
    return file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
}

// Whoever still lives in it. A file of pids, a number a line.
static void kill_all(const char *folder)
{
    auto_free char *path = path_join(folder, "cgroup.procs");
    auto_str struct str text = STR_INIT;
    struct err ignored = ERR_INIT;
    if (file_read(AT_FDCWD, path, 1 << 20, &text, &ignored)) {
        char *next = text.data;
        for (long pid; next != NULL && (pid = strtol(next, &next, 10)) > 1;)
            kill((pid_t)pid, SIGKILL);
    }
    err_release(&ignored);
}

// Opens a group's list of processes and locks it; -1 when somebody else has, or it is gone. The
// lock ends with its owner, however that ends. (A number of a process in the name would say nothing
// to who lives in another PID namespace and sees the same groups.)
static int open_locked(const char *folder)
{
    auto_free char *path = path_join(folder, "cgroup.procs");
    int list = open(path, O_RDWR | O_CLOEXEC);
    if (list >= 0 && flock(list, LOCK_EX | LOCK_NB) == 0)
        return list;
    if (list >= 0)
        close(list);
    return -1;
}

// Groups of attempts that were killed: nobody holds their locks.
static void sweep(const char *parent)
{
    auto_strings struct strings names = STRINGS_INIT;
    struct err ignored = ERR_INIT;
    bool listed = folder_list(parent, &names, &ignored);
    err_release(&ignored);
    for (size_t i = 0; listed && i < names.count; i++) {
        if (!str_starts_with(names.items[i], NAME))
            continue;
        auto_free char *folder = path_join(parent, names.items[i]);
        auto_close int list = open_locked(folder);
        if (list < 0)
            continue;
        kill_all(folder);
        rmdir(folder);
    }
}

// Makes a folder for a group below `parent`, and opens its list of processes.
static bool add_folder(struct cgroup *group, const char *parent)
{
    sweep(parent);
    // Who sweeps at this very moment may have taken a new folder for an abandoned one.
    for (int tries = 0; tries < MAKE_TRIES; tries++) {
        auto_free char *folder = str_format("%s/" NAME "%d-XXXXXX", parent, (int)getpid());
        if (mkdtemp(folder) == NULL)
            return false;
        int list = open_locked(folder);
        if (list >= 0 && path_exists(folder)) {
            group->folders[group->count] = take(folder);
            group->join[group->count++] = list;
            return true;
        }
        if (list >= 0)
            close(list);
        rmdir(folder);
    }
    return false;
}

// The path of the caller's own group: of one controller of version 1, or "" for version 2. NULL
// when there is none; the caller frees it.
static char *own_group(const char *controller)
{
    auto_str struct str text = STR_INIT;
    struct err ignored = ERR_INIT;
    char *found = NULL;
    bool read = file_read(AT_FDCWD, "/proc/self/cgroup", 65536, &text, &ignored);
    err_release(&ignored);
    for (const char *line = str_text(&text); read && found == NULL && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        auto_free char *own = str_format("%.*s", (int)length, line); // "4:memory:/a/b"
        char *names = strchr(own, ':');
        char *path = names != NULL ? strchr(names + 1, ':') : NULL;
        if (path != NULL) {
            *path++ = '\0';
            if (str_equal(names + 1, controller))
                found = mem_copy_string(path);
        }
        line += length + (line[length] == '\n');
    }
    return found;
}

// ---------------------------------------------------------------- version 2

// Processes may be in leaves alone, so ours has to be a child of a group that may have children.
static bool make_unified(struct cgroup *group)
{
    auto_free char *own = own_group("");
    auto_free char *parent = own != NULL ? str_format("/sys/fs/cgroup%s", own) : NULL;
    auto_free char *control = parent != NULL ? path_join(parent, "cgroup.subtree_control") : NULL;
    if (control == NULL || access(control, W_OK) != 0)
        return false;
    auto_close int file = open(control, O_WRONLY | O_CLOEXEC);
    ssize_t given = file >= 0 ? write(file, "+memory +pids", strlen("+memory +pids")) : -1;
    (void)given; // refused when they are given already, or while the caller sits in the parent
    if (!add_folder(group, parent))
        return false;
    const char *folder = group->folders[0];
    write_number(folder, "cpu.weight", WEIGHT / CPU_PART);
    write_number(folder, "memory.swap.max", 0);
    return write_number(folder, "memory.max", memory_limit()) &&
           write_number(folder, "pids.max", PROCESSES);
}

// ---------------------------------------------------------------- version 1

static bool make_legacy_folder(struct cgroup *group, const char *controller)
{
    auto_free char *own = own_group(controller);
    auto_free char *parent =
        own != NULL ? str_format("/sys/fs/cgroup/%s%s", controller, own) : NULL;
    return parent != NULL && add_folder(group, parent);
}

static bool make_legacy(struct cgroup *group)
{
    unsigned long long memory = memory_limit();
    if (!make_legacy_folder(group, "memory") ||
        !write_number(group->folders[0], "memory.limit_in_bytes", memory) ||
        !make_legacy_folder(group, "pids") ||
        !write_number(group->folders[1], "pids.max", PROCESSES))
        return false;
    write_number(group->folders[0], "memory.memsw.limit_in_bytes", memory);
    if (make_legacy_folder(group, "cpu"))
        write_number(group->folders[2], "cpu.shares", SHARES / CPU_PART);
    return true;
}

// ---------------------------------------------------------------- either

bool cgroup_make(struct cgroup *out)
{
    static bool (*const versions[])(struct cgroup * group) = {make_unified, make_legacy};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct cgroup group = CGROUP_INIT;
        if (versions[i](&group)) {
            *out = group;
            return true;
        }
        cgroup_release(&group);
    }
    return false;
}

bool cgroup_join(const struct cgroup *group)
{
    for (size_t i = 0; i < group->count; i++)
        if (write(group->join[i], "0", 1) != 1)
            return false;
    return true;
}

void cgroup_release(struct cgroup *group)
{
    for (size_t i = 0; i < group->count; i++) {
        close(group->join[i]);
        for (int tries = 0; rmdir(group->folders[i]) != 0 && errno == EBUSY; tries++) {
            if (tries == REMOVE_TRIES)
                break;
            kill_all(group->folders[i]);
            poll(NULL, 0, REMOVE_PAUSE_MS);
        }
        free(group->folders[i]);
    }
    *group = (struct cgroup)CGROUP_INIT;
}
