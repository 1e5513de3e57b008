// SPDX-License-Identifier: MIT
/*
 * Tries: to write outside of its scratch folder, where nothing limits it
 * Held by: box-read-only
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried("a folder in /", mkdir("/hostile", 0700));
    tried("a folder in /etc", mkdir("/etc/hostile", 0700));
    tried("a folder in /dev", mkdir("/dev/hostile", 0700));
}
