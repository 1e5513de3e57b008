// SPDX-License-Identifier: MIT
/*
 * Tries: to outlive its check: a double fork and a session of its own
 * Held by: cell-processes box-proc
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    if (fork() > 0)
        return;
    setsid();
    if (fork() > 0)
        _exit(0);
    prctl(PR_SET_NAME, "outlived");
    sleep_for(3);
    _exit(0);
}
