// SPDX-License-Identifier: MIT
/*
 * Tries: much memory at once
 * Held by: kit-memory limit-space
 * Told: uses? more than 64 MB of memory|used more than 64 MB of memory
 * Points: 20
 */
#include "hostile.h"

// More than the address space of a plain program, more memory than a sanitized one may use.
static void attack(void)
{
    for (size_t done = 0; done < 400; done += 8) {
        char *some = malloc(8 * MIB);
        if (some == NULL) {
            held("malloc");
            return;
        }
        memset(some, 1, 8 * MIB);
        sleep_for(0.002);
    }
    through("400 MiB");
    exit(0);
}
