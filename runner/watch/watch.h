// SPDX-License-Identifier: MIT
/*
 * `lab watch`: a loop that hears of saves and keys, has attempts made in a process of their own,
 * and draws what they tell. state.h decides, files.h hears, worker.h runs, render/watch_screen.h
 * draws.
 *
 * An attempt that a save has overtaken is asked to end as Ctrl-C would ask it: it releases what it
 * holds, and the next one begins when it is gone. So there is one way of ending a check, and
 * nothing that could be left behind by a second one.
 */
#ifndef LAB_WATCH_WATCH_H
#define LAB_WATCH_WATCH_H

#include <stdbool.h>

#include "base/err.h"
#include "course/course.h"
#include "workspace/workspace.h"

struct watch_options {
    const struct lab *lab;
    const struct workspace *workspace;
    const char *command; // "lab" or "./lab"
    const char *colour;  // "auto", "always", "never" or NULL
    bool poll;           // the file system's events are not to be relied upon
    // Makes an attempt and sends news of it (watch/news.h) to output. Runs in a forked process.
    void (*attempt)(void *context, int output);
    void *context;
};

// Returns when it is quit. Errors: ENV (the workspace is gone), INTERRUPTED.
bool watch_run(const struct watch_options *options, struct err *err);

#endif
