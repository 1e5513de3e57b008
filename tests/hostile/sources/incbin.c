// SPDX-License-Identifier: MIT
/*
 * Tries: to have the assembler read a file of the home folder
 * Held by: box-mounts
 * Told: file not found: |No such file|can't open
 * Points: 0
 * Kind: source
 */
#include "hostile.h"

__asm__(".section .rodata\n"
        "text_start: .incbin \"" HOME_FOLDER "/secret\"\n"
        ".byte 0\n"
        ".text\n");
extern const char text_start[];

static void attack(void)
{
    dprintf(2, "%s\n", text_start);
}
