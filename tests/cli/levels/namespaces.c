// SPDX-License-Identifier: MIT
// Makes namespaces, and in them root, and mounts. Open at:
#define _GNU_SOURCE
#include "attack.h"

static void attack(void)
{
    static const int flags[] = {CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (unshare(flags[i]) == 0 || unshare(CLONE_NEWUSER | flags[i]) == 0)
            through("a namespace was made");
    if (mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0 || chroot("/tmp") == 0)
        through("a file system was mounted");
}
