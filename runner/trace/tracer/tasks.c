// SPDX-License-Identifier: MIT
/*
 * Every thread of a program. In a box the program is what lives in its PID namespace, but for PID 1
 * (box-init). Outside, where the tracer lives in the same namespace, it is a process and its
 * descendants.
 */
#include "trace/tracer/tracer.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

enum { TASKS_MOST = 8192, LINK_MOST = 64 };

static bool is_listed(const struct tasks *tasks, pid_t tid)
{
    for (size_t i = 0; i < tasks->count; i++)
        if (tasks->items[i].tid == tid)
            return true;
    return false;
}

// "PID (NAME) STATE …"; a name may hold anything but ends at the last parenthesis.
static char state_of(pid_t pid, pid_t tid)
{
    char stat[1024];
    proc_read(pid, tid, "stat", stat, sizeof stat);
    const char *end = strrchr(stat, ')');
    return end != NULL && end[1] == ' ' ? end[2] : 'X';
}

static void task_add(struct tasks *tasks, pid_t pid, pid_t tid)
{
    if (tasks->count == TASKS_MOST || is_listed(tasks, tid))
        return;
    struct task task = {.pid = pid, .tid = tid, .state = state_of(pid, tid)};
    if (task.state == 'Z' || task.state == 'X')
        return;
    char text[4096];
    proc_read(pid, tid, "schedstat", text, sizeof text);
    task.cpu = strtoull(text, NULL, 10);
    proc_read(pid, tid, "status", text, sizeof text);
    task.own_tid = proc_own_number(text);
    tasks->items = mem_resize(tasks->items, (tasks->count + 1) * sizeof *tasks->items);
    tasks->items[tasks->count++] = task;
}

// Calls `visit` for each number that is a name in the folder.
static void each_number(const char *folder, void (*visit)(void *context, pid_t number),
                        void *context)
{
    DIR *all = opendir(folder);
    if (all == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(all)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]))
            visit(context, (pid_t)strtol(entry->d_name, NULL, 10));
    closedir(all);
}

struct listing {
    struct tasks *tasks;
    pid_t pid;
    char space[LINK_MOST]; // the PID namespace
};

static void thread_visit(void *context, pid_t tid)
{
    struct listing *listing = context;
    task_add(listing->tasks, listing->pid, tid);
}

static void process_list(struct tasks *tasks, pid_t pid)
{
    struct listing listing = {.tasks = tasks, .pid = pid};
    char folder[32];
    snprintf(folder, sizeof folder, "/proc/%d/task", (int)pid);
    each_number(folder, thread_visit, &listing);
}

static void member_visit(void *context, pid_t pid)
{
    struct listing *listing = context;
    char space[LINK_MOST], status[4096];
    proc_link(pid, "ns/pid", space, sizeof space);
    if (strcmp(space, listing->space) != 0 ||
        proc_read(pid, 0, "status", status, sizeof status) == 0 || proc_own_number(status) == 1)
        return;
    process_list(listing->tasks, pid);
}

// ---------------------------------------------------------------- descendants

struct family {
    struct {
        pid_t pid, parent;
        bool member;
    } * items;
    size_t count;
};

static void parent_visit(void *context, pid_t pid)
{
    struct family *family = context;
    char stat[1024];
    proc_read(pid, 0, "stat", stat, sizeof stat);
    const char *end = strrchr(stat, ')');
    int parent = 0;
    if (end == NULL || sscanf(end, ") %*c %d", &parent) != 1)
        return;
    family->items = mem_resize(family->items, (family->count + 1) * sizeof *family->items);
    family->items[family->count].pid = pid;
    family->items[family->count].parent = parent;
    family->items[family->count++].member = false;
}

static bool is_member(const struct family *family, pid_t pid)
{
    for (size_t i = 0; i < family->count; i++)
        if (family->items[i].pid == pid)
            return family->items[i].member;
    return false;
}

static void descendants_list(struct tasks *tasks, pid_t pid)
{
    struct family family = {NULL, 0};
    each_number("/proc", parent_visit, &family);
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < family.count; i++) {
            bool member = family.items[i].pid == pid || is_member(&family, family.items[i].parent);
            changed = changed || (member && !family.items[i].member);
            family.items[i].member = member;
        }
    }
    for (size_t i = 0; i < family.count; i++)
        if (family.items[i].member)
            process_list(tasks, family.items[i].pid);
    free(family.items);
}

void tasks_list(struct tasks *tasks, pid_t pid)
{
    struct listing listing = {.tasks = tasks};
    char own[LINK_MOST];
    proc_link(pid, "ns/pid", listing.space, sizeof listing.space);
    proc_link(getpid(), "ns/pid", own, sizeof own);
    if (listing.space[0] == '\0' || strcmp(own, listing.space) == 0)
        descendants_list(tasks, pid);
    else
        each_number("/proc", member_visit, &listing);
}
