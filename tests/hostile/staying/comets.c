// SPDX-License-Identifier: MIT
/*
 * Tries: to outlive its check: processes that each make the next one and end, so that nobody
 *   catches them
 * Held by: cell-processes box-proc
 * Told: put itself in the background|the program ended with status 0
 * Points: 0|20
 */
#include "hostile.h"

static void attack(void)
{
    double start = seconds_now();
    prctl(PR_SET_NAME, "outlived");
    while (seconds_now() - start < 3) {
        pid_t next = fork();
        if (next > 0)
            _exit(0);
        for (volatile int i = 0; i < 3000000; i++)
            continue;
    }
    _exit(0);
}
