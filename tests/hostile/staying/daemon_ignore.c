// SPDX-License-Identifier: MIT
/*
 * Tries: to outlive its check: a child that ignores every signal and has forgotten its parent
 * Held by: cell-processes box-proc
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    if (fork() > 0)
        return;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, 0);
    setpgid(0, 0);
    prctl(PR_SET_NAME, "outlived");
    sleep_for(3);
    _exit(0);
}
