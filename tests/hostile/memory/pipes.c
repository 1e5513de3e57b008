// SPDX-License-Identifier: MIT
/*
 * Tries: memory in pipes that nobody reads
 * Held by: limit-descriptors
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    static char block[65536];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int count = 0, ends[2];
    for (; count < 600 && pipe2(ends, O_NONBLOCK) == 0; count++)
        if (write(ends[1], block, sizeof block) < 0)
            break;
    tried("600 pipes", count == 600 ? 0 : -1);
    syscall(SYS_close_range, 4U, ~0U, 0);
}
