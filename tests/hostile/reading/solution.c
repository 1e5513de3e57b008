// SPDX-License-Identifier: MIT
/*
 * Tries: to read the solution
 * Held by: box-mounts
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried_reading(FOLDER "/course/labs/hostile/solution/server.c");
}
