// SPDX-License-Identifier: MIT
/*
 * Tries: to read a course that is installed below /usr
 * Held by: box-hidden
 * Told: nothing
 * Course: usr
 */
#include "hostile.h"

static void attack(void)
{
    tried_reading("/usr/src/hostile/labs/hostile/solution/server.c");
}
