// SPDX-License-Identifier: MIT
/*
 * Tries: to leave by chroot()
 * Held by: filter-namespaces box-namespaces filter-mounts
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    unshare(CLONE_NEWUSER);
    tried("chroot", chroot("/tmp"));
}
