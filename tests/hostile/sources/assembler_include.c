// SPDX-License-Identifier: MIT
/*
 * Tries: to have the assembler include a file of the home folder
 * Held by: box-mounts
 * Told: No such file|can't open
 * Points: 0
 * Kind: source
 */
#include "hostile.h"

// The secret is a complaint, which the assembler prints.
__asm__(".include \"" HOME_FOLDER "/secret.s\"\n");

static void attack(void)
{
}
