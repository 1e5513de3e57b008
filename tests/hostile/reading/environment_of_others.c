// SPDX-License-Identifier: MIT
/*
 * Tries: to find the environment of another process
 * Held by: user box-user box-proc
 * Told: nothing
 * As: root
 */
#include "hostile.h"

// The grader's has LAB_BOX_INIT.
static void attack(void)
{
    for (int pid = 1; pid < 40000; pid++) {
        char path[64], text[4096];
        snprintf(path, sizeof path, "/proc/%d/environ", pid);
        int file = open(path, O_RDONLY);
        ssize_t length = file >= 0 ? read(file, text, sizeof text) : -1;
        if (length > 0 && memmem(text, (size_t)length, "LAB_BOX_INIT=", 13) != NULL)
            through(path);
        if (file >= 0)
            close(file);
    }
}
