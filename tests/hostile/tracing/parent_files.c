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
    for (int file = 0; file < 16; file++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/1/fd/%d", file);
        tried_writing(path);
    }
    tried_reading("/proc/1/environ");
}
