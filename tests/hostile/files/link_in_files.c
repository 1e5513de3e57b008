// SPDX-License-Identifier: MIT
/*
 * Tries: to have the grader read a file of the home folder, by a symbolic link
 * Held by: kit-files
 * Told: nothing
 */
#include "hostile.h"

// What the grader reads comes back in the report, because it is not what was expected.
static void attack(void)
{
    chdir(getenv("FILES_DIR"));
    if (symlink(HOME_FOLDER "/secret", "note") < 0)
        held("symlink");
}
