// SPDX-License-Identifier: MIT
/*
 * Tries: to read the work of somebody else
 * Held by: box-mounts
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried_reading(HOME_FOLDER "/other/server.c");
}
