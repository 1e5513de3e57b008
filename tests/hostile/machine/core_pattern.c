// SPDX-License-Identifier: MIT
/*
 * Tries: to have the kernel run a program as root at the next crash
 * Held by: user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

static void attack(void)
{
    tried_writing("/proc/sys/kernel/core_pattern");
}
