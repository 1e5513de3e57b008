// SPDX-License-Identifier: MIT
/*
 * Tries: to leave its children behind and end: the shell's way into the background
 * Held by: cell-processes box-proc
 * Told: the program put itself in the background
 * Points: 0|20
 */
#include "hostile.h"

static void attack(void)
{
    // The check may see the end of the first process before it has connected.
    if (fork() > 0)
        _exit(0);
    setsid();
    prctl(PR_SET_NAME, "outlived");
    if (fork() == 0) {
        sleep_for(3);
        _exit(0);
    }
}
