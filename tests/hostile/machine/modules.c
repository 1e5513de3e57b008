// SPDX-License-Identifier: MIT
/*
 * Tries: to load a module into the kernel
 * Held by: filter-machine user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

// An empty module is refused for its form, and only to who may load one.
static void attack(void)
{
    if (syscall(SYS_init_module, "", 0, "") < 0 && errno != EPERM)
        through("init_module");
    else
        held("init_module");
}
