// SPDX-License-Identifier: MIT
/*
 * How a tree of processes spends its time, read from /proc.
 */
#ifndef LAB_WATCH_H
#define LAB_WATCH_H

#include <stdbool.h>
#include <sys/types.h>

struct watch_sample {
    double cpu_seconds; // user and system, of the tree and of its children that were waited for
    bool running;       // one of them runs, wants to, or waits for the disk
};

// Samples `root` and its descendants. A tree that is gone has used nothing and does not run.
struct watch_sample watch_tree(pid_t root);

#endif
