// SPDX-License-Identifier: MIT
/*
 * Tries: to kill every process that it can see, those outside too
 * Held by: cell-processes box-proc
 * Told: nothing
 */
#include "hostile.h"

// Where it could reach somebody outside it kills nobody.
static void attack(void)
{
    if (tried("a signal to somebody outside", kill(PROCESS_OUTSIDE, 0)))
        return;
    if (getppid() != 1)
        return; // in no box of its own
    kill(-1, SIGKILL);
    kill(-1, SIGSTOP);
    kill(1, SIGKILL);
    kill(getppid(), SIGKILL);
}
