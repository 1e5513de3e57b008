// SPDX-License-Identifier: MIT
/*
 * Ending what is left of a box that no PID namespace ends. Also compiled into box-init: nothing but
 * the C library.
 */
#ifndef LAB_SWEEP_H
#define LAB_SWEEP_H

#include <sys/types.h>

// Ends every descendant of the calling process, which must have one thread, be their subreaper
// (PR_SET_CHILD_SUBREAPER) and have no child that is to live on, and reaps them. `report` is told
// the raw status of each, or NULL.
void sweep_descendants(void (*report)(pid_t pid, int status));

#endif
