// SPDX-License-Identifier: MIT
/*
 * Tries: to read the built-in course below /usr, from a program of another course
 * Held by: box-hidden
 * Told: nothing
 * Course: usr-other
 */
#include "hostile.h"

static void attack(void)
{
    tried_reading("/usr/src/hostile/labs/other/solution/server.c");
}
