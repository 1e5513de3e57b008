// SPDX-License-Identifier: MIT
/*
 * Tries: a child in a namespace, by clone()
 * Held by: filter-namespaces box-namespaces
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    tried("clone", child);
    wait(NULL);
}
