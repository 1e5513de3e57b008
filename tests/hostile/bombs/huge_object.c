// SPDX-License-Identifier: MIT
/*
 * Tries: an object file larger than any program
 * Held by: limit-file
 * Told: the compiler wrote more than 64 MiB
 * Points: 0
 * Kind: source
 */
#include "hostile.h"

static char large[80 * 1024 * 1024] = {1};

static void attack(void)
{
    if (large[0] == 1)
        through("80 MiB");
}
