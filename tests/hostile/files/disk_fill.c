// SPDX-License-Identifier: MIT
/*
 * Tries: many files that are each small enough
 * Held by: scratch-size
 * Told: files fill all the room.*its limit is 16 MB
 * Points: 100
 */
#include "hostile.h"

static void attack(void)
{
    static char block[MIB];
    size_t done = 0;
    for (int i = 0; i < LIMIT_FILES_MB + 10; i++) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/fill-%d", i);
        int file = open(path, O_WRONLY | O_CREAT, 0600);
        for (int piece = 0; file >= 0 && piece < 16; piece++)
            done += write(file, block, sizeof block / 16) > 0 ? sizeof block / 16 : 0;
        close(file);
    }
    tried("26 MiB of files", done >= (LIMIT_FILES_MB + 10) * MIB ? 0 : -1);
}
