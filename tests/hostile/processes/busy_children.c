// SPDX-License-Identifier: MIT
/*
 * Tries: to compute for ever on all cores, in processes that each stay below the limit
 * Held by: kit-clock
 * Told: it used 1 s of CPU time, its limit
 * Points: 20
 */
#include "hostile.h"

static void attack(void)
{
    for (int i = 0; i < 6; i++) {
        if (fork() != 0)
            continue;
        while (clock() < (clock_t)(0.6 * LIMIT_SECONDS * CLOCKS_PER_SEC))
            continue;
        _exit(0);
    }
    while (wait(NULL) > 0)
        continue;
    through("they computed for long");
}
