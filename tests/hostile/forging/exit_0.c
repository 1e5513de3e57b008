// SPDX-License-Identifier: MIT
/*
 * Tries: to pass by ending with 0 before it is asked
 * Held by: construction
 * Told: the program ended with status 0
 * Points: 0
 */
#define OWN_MAIN
#include "hostile.h"

static void attack(void)
{
}

int main(void)
{
    attack();
    exit(0);
}
