// SPDX-License-Identifier: MIT
/*
 * Tries: to read the file of progress, which holds earlier work
 * Held by: box-mounts
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried_reading(HOME_FOLDER "/.local/share/lab/progress.db");
}
