// SPDX-License-Identifier: MIT
/*
 * Tries: all descriptors of the machine
 * Held by: limit-descriptors
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int count = 0;
    while (count < 1100 && dup(2) >= 0)
        count++;
    tried("1100 descriptors", count == 1100 ? 0 : -1);
    syscall(SYS_close_range, 4U, ~0U, 0);
}
