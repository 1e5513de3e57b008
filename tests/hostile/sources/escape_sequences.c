// SPDX-License-Identifier: MIT
/*
 * Tries: escape sequences in messages, for the terminal of whoever reads them
 * Held by: construction
 * Told: an error in .x1b|an error in
 * Points: 0
 * Kind: source
 */
#include "hostile.h"

__asm__(".error \"an error in \033[31m\007 red\"");

static void attack(void)
{
}
