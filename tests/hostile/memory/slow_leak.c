// SPDX-License-Identifier: MIT
/*
 * Tries: memory, a little with each turn of a loop
 * Held by: kit-memory limit-space
 * Told: uses? more than 64 MB of memory|used more than 64 MB of memory
 * Points: 20
 */
#include "hostile.h"

static void attack(void)
{
    for (int i = 0; i < 800; i++) {
        char *some = malloc(MIB / 2);
        if (some == NULL) {
            held("malloc");
            return;
        }
        memset(some, i, MIB / 2);
        if (i % 8 == 0)
            sleep_for(0.001);
    }
    through("400 MiB");
    exit(0);
}
