// SPDX-License-Identifier: MIT
/*
 * A control group for all that an attempt starts: what no process's own limits hold is held
 * together, by the kernel. Memory (with the page cache, pipes, sockets and page tables that the
 * processes of the group made), the number of processes and threads, and a small share of the cores
 * when others want them.
 *
 * Version 2 where the caller may make groups below its own (systemd delegates one with
 * `systemd-run --user --scope -p Delegate=yes`), version 1 where its folders can be written (root).
 */
#ifndef LAB_CGROUP_H
#define LAB_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

enum { CGROUP_FOLDERS = 3 }; // of version 1: memory, pids, cpu

struct cgroup {
    char *folders[CGROUP_FOLDERS];
    int join[CGROUP_FOLDERS]; // cgroup.procs of each, open for writing and locked
    size_t count;
};
#define CGROUP_INIT                                                                                \
    {                                                                                              \
        {NULL}, {-1, -1, -1}, 0                                                                    \
    }

// Makes a group with limits for memory and processes. False when this machine gives none; nothing
// is left then.
bool cgroup_make(struct cgroup *out);
// Puts the calling process into it: its children are born there. False and errno on failure.
bool cgroup_join(const struct cgroup *group);
// Ends what is left in it and removes it. May be called twice.
void cgroup_release(struct cgroup *group);

#endif
