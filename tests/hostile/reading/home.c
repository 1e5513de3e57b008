// SPDX-License-Identifier: MIT
/*
 * Tries: to read files of the home folder
 * Held by: box-mounts
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried_reading(HOME_FOLDER "/secret");
    tried_reading("/home");
    tried_reading("/root/.bashrc");
}
