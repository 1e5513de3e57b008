// SPDX-License-Identifier: MIT
/*
 * Tries: to have the grader look elsewhere: the folder itself is a link
 * Held by: kit-files
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    if (rename("/tmp/files", "/tmp/moved") < 0 || symlink(HOME_FOLDER "/files", "/tmp/files") < 0)
        held("symlink");
}
