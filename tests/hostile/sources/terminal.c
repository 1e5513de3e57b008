// SPDX-License-Identifier: MIT
/*
 * Tries: to read what is typed
 * Held by: construction
 * Told: nothing
 * Kind: source
 */
#include "/dev/stdin"
#include "hostile.h"

// Nothing is typed into /dev/null.
static void attack(void)
{
}
