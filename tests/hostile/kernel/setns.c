// SPDX-License-Identifier: MIT
/*
 * Tries: to enter a namespace
 * Held by: filter-namespaces box-namespaces filter-mounts
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    int before = open("/proc/self/ns/uts", O_RDONLY);
    unshare(CLONE_NEWUSER | CLONE_NEWUTS);
    int own = open("/proc/self/ns/uts", O_RDONLY);
    tried("setns", setns(own, 0));
    close(before);
}
