// SPDX-License-Identifier: MIT
/*
 * Tries: to fill stderr
 * Held by: kit-output
 * Told: wrote more than 64 MiB to its standard output and error
 * Points: 20
 */
#include "hostile.h"

static void attack(void)
{
    static char block[MIB];
    memset(block, 'x', sizeof block);
    for (size_t done = 0; done < 100 * MIB;) {
        ssize_t written = write(2, block, sizeof block);
        if (written < 0)
            return;
        done += (size_t)written;
    }
    through("100 MiB");
}
