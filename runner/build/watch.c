// SPDX-License-Identifier: MIT
// How a tree of processes spends its time, read from /proc.
#include "build/watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

enum { DEPTH = 8 }; // driver, collect2, linker, …

static bool read_small(const char *path, struct str *out)
{
    auto_close int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file >= 0 ? read(file, str_reserve(out, 4095), 4095) : -1;
    if (got < 0)
        return false;
    out->length += (size_t)got;
    out->data[out->length] = '\0';
    return true;
}

// proc(5): the name stands in parentheses and may hold some itself; the state follows the last one.
// Of the fields behind the state, utime, stime, cutime, cstime are the 11th to 14th.
static void add_process(pid_t pid, struct watch_sample *sample)
{
    auto_free char *path = str_format("/proc/%d/stat", (int)pid);
    auto_str struct str line = STR_INIT;
    char *end = read_small(path, &line) ? strrchr(line.data, ')') : NULL;
    char state = '\0';
    unsigned long times[4] = {0};
    if (end == NULL ||
        sscanf(end + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu %lu %lu", &state,
               &times[0], &times[1], &times[2], &times[3]) != 5)
        return;
    unsigned long ticks = times[0] + times[1] + times[2] + times[3];
    sample->cpu_seconds += (double)ticks / (double)sysconf(_SC_CLK_TCK);
    sample->running = sample->running || state == 'R' || state == 'D';
}

static void add_tree(pid_t pid, int depth, struct watch_sample *sample)
{
    add_process(pid, sample);
    auto_free char *path = str_format("/proc/%d/task/%d/children", (int)pid, (int)pid);
    auto_str struct str children = STR_INIT;
    if (depth == DEPTH || !read_small(path, &children))
        return;
    char *end = children.data;
    for (const char *at = children.data;; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at)
            return;
        add_tree((pid_t)child, depth + 1, sample);
    }
}

struct watch_sample watch_tree(pid_t root)
{
    struct watch_sample sample = {0, false};
    if (root > 0)
        add_tree(root, 0, &sample);
    return sample;
}
