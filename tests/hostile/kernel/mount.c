// SPDX-License-Identifier: MIT
/*
 * Tries: to mount something, in a namespace of its own
 * Held by: filter-namespaces box-namespaces filter-mounts
 * Told: nothing
 */
#include "hostile.h"

#include <sys/mount.h>

static void attack(void)
{
    unshare(CLONE_NEWUSER | CLONE_NEWNS);
    tried("mount", mount("none", "/tmp", "tmpfs", 0, NULL));
}
