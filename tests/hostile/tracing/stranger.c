// SPDX-License-Identifier: MIT
/*
 * Tries: to trace a process outside
 * Held by: user cell-user box-user cell-processes box-proc
 * Told: nothing
 * As: root
 */
#include "hostile.h"

#include <sys/ptrace.h>

static void attack(void)
{
    if (tried("seize", ptrace(PTRACE_SEIZE, PROCESS_OUTSIDE, 0, 0)))
        _exit(0);
}
