// SPDX-License-Identifier: MIT
/*
 * Tries: to outlive its check: a child by clone() that is not waited for by SIGCHLD
 * Held by: cell-processes box-proc
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    if (syscall(SYS_clone, 0, 0, 0, 0, 0) > 0)
        return;
    prctl(PR_SET_NAME, "outlived");
    sleep_for(3);
    _exit(0);
}
