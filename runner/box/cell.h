// SPDX-License-Identifier: MIT
/*
 * The cell: the private surroundings of one check. clone3 with user, network, PID, mount, IPC and
 * UTS namespaces, loopback raised, a /proc of its own, a sized tmpfs as scratch folder. Everything
 * in it dies with its first process.
 */
#ifndef LAB_CELL_H
#define LAB_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "box/level.h"

struct cell_options {
    const char *scratch;    // an empty folder that the caller owns: a tmpfs is mounted over it
    uint64_t scratch_bytes; // size of that tmpfs
    enum box_level level;   // at a bare one: no namespaces, no tmpfs, see below
};

// Forks into a new cell. In the child returns 0, as PID 1 of the cell, with all capabilities inside
// its user namespace and none outside; a child that cannot set its cell up reports through the
// parent's err. In the parent returns the pid as the caller numbers it, or -1 and err (ENV) with
// the cure. The caller must not be root (it must have dropped before) and must have one thread
// only.
//
// At a bare level the child is an ordinary one that nobody but root can look into; the caller
// becomes the subreaper of all that comes of it, and must call cell_clean when it has ended.
pid_t cell_enter(const struct cell_options *options, struct err *err);
// After the end of a bare cell, reaped: ends all that is left of it and removes the scratch folder.
// The caller must have no other child. At the other levels the kernel has done all that.
void cell_clean(const struct cell_options *options);

#endif
