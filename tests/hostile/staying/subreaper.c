// SPDX-License-Identifier: MIT
/*
 * Tries: to adopt all that it leaves behind, and to outlive its check with them
 * Held by: cell-processes box-proc
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    if (fork() > 0)
        return;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setsid();
    prctl(PR_SET_NAME, "outlived");
    for (int i = 0; i < 4; i++)
        if (fork() == 0 && fork() == 0)
            sleep_for(3);
    sleep_for(3);
    _exit(0);
}
