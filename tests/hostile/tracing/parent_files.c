// SPDX-License-Identifier: MIT
/*
 * Tries: to open the memory and the descriptors of PID 1
 * Held by: init-undumpable
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried_writing("/proc/1/mem");
    tried_writing("/proc/1/fd/3");
    tried_reading("/proc/1/environ");
}
