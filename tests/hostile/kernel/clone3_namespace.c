// SPDX-License-Identifier: MIT
/*
 * Tries: a child in a namespace, by clone3(), whose arguments no filter can read
 * Held by: filter-namespaces box-namespaces
 * Told: nothing
 */
#include "hostile.h"

#include <linux/sched.h>

static void attack(void)
{
    struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    long child = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0)
        _exit(0);
    tried("clone3", child);
    wait(NULL);
}
