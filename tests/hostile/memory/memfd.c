// SPDX-License-Identifier: MIT
/*
 * Tries: memory in files that lie in no folder
 * Held by: filter-memory
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    static char block[MIB];
    size_t done = 0;
    for (int i = 0; i < 2 * LIMIT_MEMORY_MB / 8; i++) {
        int file = memfd_create("hostile", 0);
        if (file < 0) {
            held("memfd_create");
            return;
        }
        for (int piece = 0; piece < 8; piece++)
            done += write(file, block, sizeof block) > 0 ? sizeof block : 0;
    }
    if (done >= 2 * LIMIT_MEMORY_MB * MIB)
        through("128 MiB");
}
