// SPDX-License-Identifier: MIT
/*
 * Levels: how much of the sandbox a machine allows. Found by trying, never by reading versions.
 * box/README.md says what each one leaves open.
 */
#ifndef LAB_LEVEL_H
#define LAB_LEVEL_H

#include <stdbool.h>

#include "base/err.h"
#include "box/process.h"

enum box_level {
    BOX_FULL,       // namespaces, and a control group around it all (box/cgroup.h)
    BOX_NAMESPACES, // cell and box, as the README's first sections say
    BOX_CONTAINER,  // no namespaces: Landlock, seccomp, limits, an own user when root calls
    BOX_NONE,       // no namespaces and no Landlock: own programs only
};

// Static: "full", "namespaces", "container", "none".
const char *box_level_name(enum box_level level);
bool box_level_parse(const char *name, enum box_level *out);
// No namespaces: one check at a time, ports and /proc are shared with the machine.
bool box_level_is_bare(enum box_level level);

// The variable that forces a level; lab hands it to its graders too.
#define BOX_LEVEL_VARIABLE "LAB_SANDBOX"
// What the variable says; BOX_NAMESPACES when it is not there or names no level.
enum box_level box_level_told(void);

// The level that this machine allows for what this user runs. The variable's, when it is set (a
// name that is none: USAGE); else namespaces where a cell can be made, container inside a container
// that forbids them and has Landlock. Where neither works it is BOX_NAMESPACES too: the first cell
// or box says why not, and the cure. Tried once a process. Whether a control group can be had
// besides, which makes it full, is found by stage_open.
bool box_level_find(const struct process_user *user, enum box_level *out, struct err *err);

#endif
