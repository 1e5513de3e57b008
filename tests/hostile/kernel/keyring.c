// SPDX-License-Identifier: MIT
/*
 * Tries: to keep a secret in the kernel, beyond its check
 * Held by: filter-doors
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried("add_key", syscall(SYS_add_key, "user", "hostile", "x", 1, -3));
}
