// SPDX-License-Identifier: MIT
/*
 * Tries: to hold the grader up by a FIFO where it looks for a file
 * Held by: kit-files
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    chdir(getenv("FILES_DIR"));
    if (mkfifo("note", 0600) < 0)
        held("mkfifo");
    if (fork() != 0)
        return;
    // Only a reader that waits in open() is still there after so long.
    sleep_for(0.5);
    tried("a reader waits", open("note", O_WRONLY | O_NONBLOCK));
    _exit(0);
}
