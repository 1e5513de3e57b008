// SPDX-License-Identifier: MIT
/*
 * Tries: to trace PID 1 of its box, which reports how it ended
 * Held by: filter-init init-undumpable
 * Told: nothing
 * Points: 100
 */
#include "hostile.h"

#include <sys/ptrace.h>

static void attack(void)
{
    if (tried("seize", ptrace(PTRACE_SEIZE, getppid(), 0, 0)))
        _exit(0);
}
