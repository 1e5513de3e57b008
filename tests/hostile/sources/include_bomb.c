// SPDX-License-Identifier: MIT
/*
 * Tries: a file that includes itself twice, seventeen levels deep
 * Held by: compile-clock limit-cpu
 * Told: the compiler used up 1 s of CPU time
 * Points: 0
 * Limits: short
 * Kind: source
 */
#if __INCLUDE_LEVEL__ < 17
#include "server.c"
#include "server.c"
#endif
#if __INCLUDE_LEVEL__ == 0
#include "hostile.h"

static void attack(void)
{
    through("the compiler worked for long");
}
#endif
