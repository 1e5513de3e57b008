// SPDX-License-Identifier: MIT
/*
 * Tries: memory in processes that each stay below the limit
 * Held by: kit-memory
 * Told: uses? more than 64 MB of memory|used more than 64 MB of memory
 * Points: 0|20
 */
#include "hostile.h"

static void attack(void)
{
    for (int i = 0; i < 12; i++) {
        if (fork() != 0)
            continue;
        char *some = malloc(40 * MIB);
        for (size_t at = 0; some != NULL && at < 40 * MIB; at += 4096)
            some[at] = 1;
        sleep_for(0.4);
        _exit(0);
    }
    while (wait(NULL) > 0)
        continue;
    through("480 MiB");
    exit(0);
}
