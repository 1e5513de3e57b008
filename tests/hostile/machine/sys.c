// SPDX-License-Identifier: MIT
/*
 * Tries: to change settings of the kernel in /sys
 * Held by: user box-mounts box-read-only
 * Told: nothing
 * As: root
 */
#include "hostile.h"

static void attack(void)
{
    tried_writing("/sys/kernel/mm/transparent_hugepage/enabled");
    tried_writing("/sys/kernel/uevent_helper");
}
