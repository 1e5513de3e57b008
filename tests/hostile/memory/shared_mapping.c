// SPDX-License-Identifier: MIT
/*
 * Tries: memory that is shared, and so is nobody's own
 * Held by: kit-memory limit-space
 * Told: uses? more than 64 MB of memory|used more than 64 MB of memory
 * Points: 20
 */
#include "hostile.h"

static void attack(void)
{
    for (size_t done = 0; done < 400; done += 8) {
        char *some = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (some == MAP_FAILED) {
            held("mmap");
            return;
        }
        memset(some, 1, 8 * MIB);
        sleep_for(0.002);
    }
    through("400 MiB");
    exit(0);
}
