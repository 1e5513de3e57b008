// SPDX-License-Identifier: MIT
/*
 * Tries: to take the status socket of PID 1
 * Held by: filter-handles init-undumpable
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried("pidfd_getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 3, 0));
}
