// SPDX-License-Identifier: MIT
/*
 * Tries: names that hold line breaks and escape sequences, where the check looks for files
 * Held by: scratch-files
 * Told: as many files as it may: its limit is 4352
 * Points: 100
 */
#include "hostile.h"

static void attack(void)
{
    int count = 0;
    for (; count < 5000; count++) {
        char path[128];
        snprintf(path, sizeof path, "%s/a\n\033[31m\a\r%d\\\"%%s", getenv("FILES_DIR"), count);
        int file = open(path, O_WRONLY | O_CREAT, 0600);
        if (file < 0)
            break;
        close(file);
    }
    tried("5000 odd names", count == 5000 ? 0 : -1);
}
