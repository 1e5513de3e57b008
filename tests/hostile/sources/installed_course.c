// SPDX-License-Identifier: MIT
/*
 * Tries: to include a solution that is installed below /usr
 * Held by: box-hidden
 * Told: No such file
 * Points: 0
 * Course: usr
 * Kind: source
 */
#include "hostile.h"

#define attack attack_of_the_solution
#include "/usr/src/hostile/labs/hostile/solution/server.c"
#undef attack

static void attack(void)
{
}

__attribute__((constructor)) static void tell(void)
{
    through("the solution was read");
}
