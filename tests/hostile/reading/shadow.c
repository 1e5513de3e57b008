// SPDX-License-Identifier: MIT
/*
 * Tries: to read the passwords of the machine
 * Held by: box-mounts user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

static void attack(void)
{
    tried_reading("/etc/shadow");
}
