// SPDX-License-Identifier: MIT
/*
 * Tries: a namespace of its own, in which it would be root
 * Held by: filter-namespaces box-namespaces
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried("unshare", unshare(CLONE_NEWUSER));
}
