// SPDX-License-Identifier: MIT
/*
 * Tries: to rename the machine
 * Held by: filter-machine user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

// A name that is too long is refused only to who may rename.
static void attack(void)
{
    char name[256] = "";
    memset(name, 'x', sizeof name - 1);
    if (sethostname(name, sizeof name - 1) < 0 && errno == EINVAL)
        through("sethostname");
    else
        held("sethostname");
}
