// SPDX-License-Identifier: MIT
/*
 * Tries: processes that each make the next one and end, so that nobody catches them
 * Held by: kit-clock
 * Told: put itself in the background|never came|kept the check waiting
 */
#include "hostile.h"

static void attack(void)
{
    // The end of each wakes nobody: the first process is long gone.
    double start = seconds_now();
    while (seconds_now() - start < 2.5 * LIMIT_SECONDS) {
        pid_t next = fork();
        if (next > 0)
            _exit(0);
        for (volatile int i = 0; i < 1000000; i++)
            continue;
    }
    through("so long");
}
