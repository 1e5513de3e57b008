// SPDX-License-Identifier: MIT
/*
 * Tries: to compute for ever
 * Held by: kit-clock
 * Told: it used 1 s of CPU time, its limit
 * Points: 20
 */
#include "hostile.h"

static void attack(void)
{
    while (clock() < (clock_t)(2.5 * LIMIT_SECONDS * CLOCKS_PER_SEC))
        continue;
    through("it computed for long");
}
