// SPDX-License-Identifier: MIT
/*
 * Tries: a million files
 * Held by: scratch-files
 * Told: as many files as it may: its limit is 4352
 * Points: 100
 */
#include "hostile.h"

static void attack(void)
{
    int count = 0;
    for (; count < 5000; count++) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/many-%d", count);
        int file = open(path, O_WRONLY | O_CREAT, 0600);
        if (file < 0)
            break;
        close(file);
    }
    tried("5000 files", count == 5000 ? 0 : -1);
}
