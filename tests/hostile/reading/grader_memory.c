// SPDX-License-Identifier: MIT
/*
 * Tries: to read the grader's memory, where the expected words are
 * Held by: box-proc
 * Told: nothing
 */
#include "hostile.h"

// Any process but itself and its parent that lets its memory be opened.
static void attack(void)
{
    for (int pid = 1; pid < 40000; pid++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/mem", pid);
        int file = pid == getpid() ? -1 : open(path, O_RDWR);
        if (file < 0)
            continue;
        through(path);
        close(file);
    }
}
