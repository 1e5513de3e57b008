// SPDX-License-Identifier: MIT
/*
 * Tries: to read the environment of PID 1
 * Held by: init-undumpable
 * Told: file not found: /proc/1/environ
 * Points: 0
 * Kind: source
 */
#include "hostile.h"

__asm__(".section .rodata\n"
        "text_start: .incbin \"/proc/1/environ\"\n"
        ".byte 0\n"
        ".text\n");
extern const char text_start[];

static void attack(void)
{
    through("the environment was read");
    dprintf(2, "%s\n", text_start);
}
