// SPDX-License-Identifier: MIT
/*
 * Tries: to open the devices of the machine
 * Held by: box-devices user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

static void attack(void)
{
    tried_writing("/dev/kmsg");
    tried_writing("/dev/mem");
    tried_writing("/dev/fuse");
    tried_writing("/dev/vda");
}
