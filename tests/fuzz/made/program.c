// SPDX-License-Identifier: MIT
/*
 * A program for snapshots: never run, linked so that its code begins at MADE_CODE. The first
 * function is long, so that an address in it holds for every compiler, and has another one inlined.
 */
static inline __attribute__((always_inline)) void inner(void)
{
    __asm__ volatile(".fill 1024, 1, 0x90");
}

void outer(void)
{
    __asm__ volatile(".fill 1024, 1, 0x90");
    inner();
    __asm__ volatile(".fill 1024, 1, 0x90");
}

#line 7 "/usr/include/not_ours.h"
void foreign(void)
{
    __asm__ volatile(".fill 4096, 1, 0x90");
}

#line 9 "a/../../not_ours.c"
void outside(void)
{
    __asm__ volatile(".fill 8192, 1, 0x90");
}
