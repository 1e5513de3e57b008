// SPDX-License-Identifier: MIT
/*
 * Tries: to make a device of the machine, and to open it
 * Held by: user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

#include <sys/sysmacros.h>

static void attack(void)
{
    tried("mknod", mknod("/tmp/device", S_IFCHR | 0600, makedev(1, 3)));
    unlink("/tmp/device");
}
