// SPDX-License-Identifier: MIT
// The control group around an attempt. Where this machine gives none, that is what is tested.
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "box/cgroup.h"
#include "box/level.h"
#include "box/stage.h"

static const struct cgroup none = CGROUP_INIT;

// Bytes or a number out of a file of the group.
static unsigned long long read_number(const char *folder, const char *name)
{
    auto_free char *path = path_join(folder, name);
    auto_str struct str text = STR_INIT;
    struct err err = ERR_INIT;
    ck_assert_msg(file_read(AT_FDCWD, path, 4096, &text, &err), "%s", err.message);
    return strtoull(str_text(&text), NULL, 10);
}

static bool is_legacy(const struct cgroup *group)
{
    return group->count > 1;
}

START_TEST(a_group_has_limits_and_is_removed)
{
    struct cgroup group = none;
    if (!cgroup_make(&group))
        return;
    ck_assert_uint_gt(group.count, 0);
    auto_free char *folder = mem_copy_string(group.folders[0]);
    unsigned long long memory =
        read_number(folder, is_legacy(&group) ? "memory.limit_in_bytes" : "memory.max");
    ck_assert(memory >= (512ULL << 20) && memory < (1ULL << 50));
    ck_assert_uint_eq(read_number(group.folders[is_legacy(&group) ? 1 : 0], "pids.max"), 8192);
    cgroup_release(&group);
    ck_assert(!path_exists(folder));
    cgroup_release(&group);
}
END_TEST

START_TEST(children_are_born_into_it_and_end_with_it)
{
    struct cgroup group = none;
    if (!cgroup_make(&group))
        return;
    pid_t pid = fork();
    if (pid == 0) {
        if (!cgroup_join(&group))
            _exit(1);
        fork();
        for (;;)
            pause();
    }
    auto_free char *list = path_join(group.folders[0], "cgroup.procs");
    size_t lines = 0;
    while (lines < 2) { // both are in it, sooner or later
        auto_str struct str text = STR_INIT;
        struct err ignored = ERR_INIT;
        file_read(AT_FDCWD, list, 4096, &text, &ignored);
        err_release(&ignored);
        lines = 0;
        for (const char *c = str_text(&text); *c != '\0'; c++)
            lines += *c == '\n';
    }
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    cgroup_release(&group);
    ck_assert(!path_exists(list));
}
END_TEST

// Many processes, each of them small: what no process's own limit holds.
static void fill(void)
{
    for (int i = 0; i < 64; i++) {
        pid_t pid = fork();
        if (pid != 0)
            continue;
        for (int k = 0; k < 8; k++) {
            char *part = malloc(1 << 20);
            memset(part, 1, 1 << 20);
        }
        for (;;)
            pause();
    }
    for (;;)
        pause();
}

START_TEST(memory_of_many_processes_is_held_together)
{
    struct cgroup group = none;
    if (!cgroup_make(&group))
        return;
    const char *file = is_legacy(&group) ? "memory.limit_in_bytes" : "memory.max";
    auto_free char *path = path_join(group.folders[0], file);
    auto_close int limit = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq((int)write(limit, "134217728", 9), 9); // 128 MiB; they want 512
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        if (!cgroup_join(&group))
            _exit(1);
        fill();
    }
    // The kernel ends one of them when no more is left.
    const char *counter = is_legacy(&group) ? "memory.failcnt" : "memory.events";
    auto_free char *events = path_join(group.folders[0], counter);
    unsigned long long hits = 0;
    while (hits == 0) {
        auto_str struct str text = STR_INIT;
        struct err ignored = ERR_INIT;
        file_read(AT_FDCWD, events, 4096, &text, &ignored);
        err_release(&ignored);
        const char *max = strstr(str_text(&text), "max ");
        hits = strtoull(max != NULL ? max + 4 : str_text(&text), NULL, 10);
    }
    unsigned long long used = read_number(
        group.folders[0], is_legacy(&group) ? "memory.usage_in_bytes" : "memory.current");
    ck_assert_uint_le(used, 128ULL << 20);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    auto_free char *folder = mem_copy_string(group.folders[0]);
    cgroup_release(&group); // the others end with it
    ck_assert(!path_exists(folder));
}
END_TEST

// A child's end, its status.
static int status_of(pid_t pid)
{
    int status = -1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

START_TEST(a_group_whose_owner_was_killed_is_swept_away)
{
    struct cgroup group = none;
    int told[2];
    ck_assert_int_eq(pipe(told), 0);
    pid_t owner = fork();
    if (owner == 0) {
        char folder[4096] = "";
        if (cgroup_make(&group))
            snprintf(folder, sizeof folder, "%s", group.folders[0]);
        ck_assert_int_eq((int)write(told[1], folder, sizeof folder), (int)sizeof folder);
        raise(SIGKILL);
    }
    char folder[4096] = "";
    ck_assert_int_eq((int)read(told[0], folder, sizeof folder), (int)sizeof folder);
    ck_assert(WIFSIGNALED(status_of(owner)));
    if (folder[0] == '\0')
        return;
    ck_assert(cgroup_make(&group));
    ck_assert(!path_exists(folder));
    cgroup_release(&group);
}
END_TEST

static bool sweeps_in_another_namespace(void)
{
    pid_t outer = fork();
    if (outer == 0) {
        if (unshare(CLONE_NEWPID) != 0)
            _exit(0); // only root may
        pid_t inner = fork();
        if (inner == 0) {
            struct cgroup other = none;
            bool made = cgroup_make(&other);
            cgroup_release(&other);
            _exit(made ? 0 : 1);
        }
        _exit(status_of(inner) == 0 ? 0 : 1);
    }
    return status_of(outer) == 0;
}

// In a container that sees the machine's groups, the numbers of processes are others.
START_TEST(a_group_is_left_alone_by_who_does_not_see_its_owner)
{
    struct cgroup group = none;
    if (!cgroup_make(&group))
        return;
    ck_assert(sweeps_in_another_namespace()); // nobody is in it yet
    pid_t member = fork();
    if (member == 0)
        _exit(cgroup_join(&group) ? 0 : 1);
    ck_assert_int_eq(status_of(member), 0);
    cgroup_release(&group);
}
END_TEST

START_TEST(a_stage_is_full_where_there_are_groups)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    struct cgroup group = none;
    bool has_groups = cgroup_make(&group);
    cgroup_release(&group);
    unsetenv(BOX_LEVEL_VARIABLE);
    ck_assert_msg(stage_open(&stage, &err), "%s", err.message);
    ck_assert_int_eq(stage.level, has_groups ? BOX_FULL : BOX_NAMESPACES);
    ck_assert_ptr_eq(stage.user.group, stage.group);
    stage_close(&stage);
    setenv(BOX_LEVEL_VARIABLE, "namespaces", 1);
    ck_assert_msg(stage_open(&stage, &err), "%s", err.message);
    ck_assert_int_eq(stage.level, BOX_NAMESPACES);
    ck_assert_ptr_null(stage.group);
    stage_close(&stage);
    setenv(BOX_LEVEL_VARIABLE, "full", 1);
    ck_assert_int_eq(stage_open(&stage, &err), has_groups);
    if (!has_groups)
        ck_assert_int_eq(err.kind, ERR_ENV);
    stage_close(&stage);
    err_release(&err);
}
END_TEST

UNIT_MAIN("cgroup", a_group_has_limits_and_is_removed, children_are_born_into_it_and_end_with_it,
          memory_of_many_processes_is_held_together, a_group_whose_owner_was_killed_is_swept_away,
          a_group_is_left_alone_by_who_does_not_see_its_owner,
          a_stage_is_full_where_there_are_groups)
