// SPDX-License-Identifier: MIT
/*
 * Tries: memory that the kernel can never take back
 * Held by: limit-locked
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    char *some = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tried("mlock", syscall(SYS_mlock, some, MIB)); // the sanitizers' own does nothing
}
