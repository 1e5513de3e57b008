// SPDX-License-Identifier: MIT
/*
 * Tries: to leave the tracer behind by a process that is not to be traced
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define GREETING "hullo "
#include "hostile.h"

static void attack(void)
{
    // The grader's program goes on as a child; its parent waits.
    long child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
    if (child > 0) {
        waitpid((pid_t)child, NULL, 0);
        _exit(0);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}
