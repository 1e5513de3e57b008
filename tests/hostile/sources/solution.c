// SPDX-License-Identifier: MIT
/*
 * Tries: to include the solution
 * Held by: box-mounts
 * Told: No such file
 * Points: 0
 * Kind: source
 */
#include "hostile.h"

#define attack attack_of_the_solution
#include SOLUTION
#undef attack

static void attack(void)
{
}

// It was there.
__attribute__((constructor)) static void tell(void)
{
    through("the solution was read");
}
