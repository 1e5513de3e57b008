// SPDX-License-Identifier: MIT
/*
 * Tries: data that the assembler repeats without end
 * Held by: limit-file
 * Told: the compiler wrote more than 64 MiB
 * Points: 0
 * Kind: source
 */
#include "hostile.h"

__asm__(".data\n.fill 20000000, 4, 1\n.text\n");

static void attack(void)
{
    through("80 MB");
}
