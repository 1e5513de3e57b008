// SPDX-License-Identifier: MIT
/*
 * Tries: to compute for ever under a name that makes whoever reads /proc see another state and no
 *   time
 * Held by: kit-clock
 * Told: it used 1 s of CPU time, its limit
 * Points: 0|20
 */
#include "hostile.h"

static void attack(void)
{
    prctl(PR_SET_NAME, ") S 1 1\nT: 0 0");
    while (clock() < (clock_t)(2.5 * LIMIT_SECONDS * CLOCKS_PER_SEC))
        continue;
    through("it computed for long");
}
