// SPDX-License-Identifier: MIT
/*
 * Tries: to write to the programs of the machine
 * Held by: box-read-only user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

static void attack(void)
{
    tried_writing("/usr/bin/env");
    tried_writing("/usr/lib/os-release");
}
