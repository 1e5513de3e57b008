// SPDX-License-Identifier: MIT
/*
 * Tries: to read the grader
 * Held by: box-mounts
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried_reading(FOLDER "/with/graders/hostile");
}
