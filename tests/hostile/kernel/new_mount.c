// SPDX-License-Identifier: MIT
/*
 * Tries: to mount something by the calls that take descriptors
 * Held by: filter-namespaces box-namespaces filter-mounts
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    unshare(CLONE_NEWUSER | CLONE_NEWNS);
    tried("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
}
