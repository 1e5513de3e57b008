// SPDX-License-Identifier: MIT
/*
 * Tries: macros that each double the one before, for the full time that lab gives
 * Held by: construction
 * Told: the compiler used up 10 s of CPU time|2 GiB of memory
 * Points: 0
 * Kind: source
 */
#include "hostile.h"

#define A(x) x x x x x x x x
#define B(x) A(A(x))
#define C(x) B(B(x))
#define D(x) C(C(x))

static void attack(void)
{
    D(D((void)sizeof(int);))
}
