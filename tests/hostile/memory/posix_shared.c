// SPDX-License-Identifier: MIT
/*
 * Tries: POSIX shared memory, which no process's account has
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
        char name[32];
        snprintf(name, sizeof name, "/hostile-%d", i);
        int file = shm_open(name, O_RDWR | O_CREAT, 0600);
        for (int piece = 0; file >= 0 && piece < 16; piece++)
            done += write(file, block, sizeof block / 16) > 0 ? sizeof block / 16 : 0;
        close(file);
    }
    tried("26 MiB of shared memory", done >= (LIMIT_FILES_MB + 10) * MIB ? 0 : -1);
}
