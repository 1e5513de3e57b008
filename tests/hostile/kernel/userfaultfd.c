// SPDX-License-Identifier: MIT
/*
 * Tries: to hold the kernel up in the middle of a call
 * Held by: filter-doors
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    // 1: UFFD_USER_MODE_ONLY
    tried("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC | 1));
}
