// SPDX-License-Identifier: MIT
/*
 * Tries: messages without end
 * Held by: compile-output
 * Told: the compiler wrote more than 1 MiB of messages
 * Points: 0
 * Limits: short
 * Kind: source
 */
#include "hostile.h"

__asm__(".rept 20000\n"
        ".warning \"................................................................\"\n"
        ".endr\n");

static void attack(void)
{
    through("so many messages");
}
