// SPDX-License-Identifier: MIT
/*
 * The stage: one temporary folder an attempt, readable by the user that runs its checks and by
 * nobody else. What lies in private folders (sources, graders, the built programs) is copied or
 * written here before privileges are given up. Nothing of it outlives the attempt: a stage whose
 * owner was killed is swept away by the next one.
 */
#ifndef LAB_STAGE_H
#define LAB_STAGE_H

#include <stdbool.h>

#include "base/err.h"
#include "box/level.h"
#include "box/process.h"

struct stage {
    char *path;               // absolute, without blanks or special characters of its own
    int lock;                 // a lock on the folder, held while its owner lives
    int user_lock;            // root only: holds the unprivileged uid for this attempt
    struct process_user user; // who runs what the stage holds
    struct cgroup *group;     // that all of it is in, or NULL; user.group is the same
    enum box_level level;     // of its cells and boxes
};
#define STAGE_INIT                                                                                 \
    {                                                                                              \
        NULL, -1, -1, {false, 0, 0, NULL}, NULL, BOX_NAMESPACES                                    \
    }

// Creates the folder (mode 0700, owned by stage->user) below $TMPDIR or /tmp, after sweeping stale
// ones. Called by root, picks a uid from 60513 up that has no passwd entry and no processes, and
// keeps it locked. Finds the level (box/level.h). Errors: ENV, USAGE.
// What helps when the stage cannot be written.
#define STAGE_CURE "free some space, or set TMPDIR to a folder that has some"

bool stage_open(struct stage *out, struct err *err);
// Makes a subfolder owned by the stage's user; returns its path, the caller frees it.
char *stage_folder(const struct stage *stage, const char *name, struct err *err);
// Removes the folder and gives the uid back. Idempotent.
void stage_close(struct stage *stage);

#endif
