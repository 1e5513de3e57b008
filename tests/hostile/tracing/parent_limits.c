// SPDX-License-Identifier: MIT
/*
 * Tries: to change the limits of PID 1, so that the kernel ends it
 * Held by: filter-init
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    struct rlimit64 {
        uint64_t now, most;
    } limit;
    if (tried("read", syscall(SYS_prlimit64, 1, RLIMIT_NPROC, NULL, &limit)))
        tried("set", syscall(SYS_prlimit64, 1, RLIMIT_NPROC, &limit, NULL));
}
