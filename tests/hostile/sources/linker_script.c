// SPDX-License-Identifier: MIT
/*
 * Tries: a linker script in the place of a library
 * Held by: construction
 * Told: cannot find -lhostile|unknown|undefined|No such file
 * Points: 0
 * Setup: echo "INPUT(/etc/passwd)" >libhostile.so
 * Kind: source
 */
#include "hostile.h"

#pragma comment(lib, "hostile")
__asm__(".section .drectve\n.ascii \"-lhostile\"\n.text\n");
void from_the_library(void);

static void attack(void)
{
    from_the_library();
}
