// SPDX-License-Identifier: MIT
/*
 * Tries: lines that the assembler holds all at once
 * Held by: limit-space compile-clock limit-cpu
 * Told: the compiler used up
 * Points: 0
 * Limits: short
 * Kind: source
 */
#include "hostile.h"

__asm__(".rept 9000000\n"
        "# ............................................................\n"
        ".endr\n");

static void attack(void)
{
    through("more than 256 MiB");
}
