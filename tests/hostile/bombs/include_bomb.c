// SPDX-License-Identifier: MIT
/*
 * Tries: a file that includes itself twice, sixteen levels deep
 * Held by: compile-clock limit-cpu limit-space
 * Told: the compiler used up
 * Points: 0
 * Limits: short
 * Kind: source
 */
#if __INCLUDE_LEVEL__ < 16
#include "server.c"
#define AGAIN // clang-format would include the file once
#include "server.c"
#endif
#if __INCLUDE_LEVEL__ == 0
#include "hostile.h"

static void attack(void)
{
    through("the compiler worked for long");
}
#endif
