// SPDX-License-Identifier: MIT
/*
 * Tries: folders in folders, deeper than any path can say
 * Held by: scratch-files
 * Told: as many files as it may: its limit is 4352
 * Points: 100
 */
#include "hostile.h"

static void attack(void)
{
    int depth = 0;
    while (depth < 5000 && mkdir("deeper", 0700) == 0 && chdir("deeper") == 0)
        depth++;
    tried("5000 folders", depth == 5000 ? 0 : -1);
}
