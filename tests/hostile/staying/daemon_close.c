// SPDX-License-Identifier: MIT
/*
 * Tries: to outlive its check: a child without descriptors, so that no pipe tells of it
 * Held by: cell-processes box-proc
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    if (fork() > 0)
        return;
    syscall(SYS_close_range, 0U, ~0U, 0);
    setsid();
    prctl(PR_SET_NAME, "outlived");
    sleep_for(3);
    _exit(0);
}
