// SPDX-License-Identifier: MIT
/*
 * Tries: to read the grader's memory, where the expected words are
 * Held by: user box-user box-proc
 * Told: nothing
 * As: root
 */
#include "hostile.h"

// Any process that is none of its box's.
static bool is_of_the_box(int pid)
{
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    int file = open(path, O_RDONLY);
    ssize_t length = file >= 0 ? read(file, name, sizeof name - 1) : -1;
    if (file >= 0)
        close(file);
    return length <= 0 || strcmp(name, "program\n") == 0 || strcmp(name, "box-init\n") == 0 ||
           strcmp(name, "bwrap\n") == 0;
}

static void attack(void)
{
    for (int pid = 1; pid < 40000; pid++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/mem", pid);
        int file = is_of_the_box(pid) ? -1 : open(path, O_RDONLY);
        if (file < 0)
            continue;
        through(path);
        close(file);
    }
}
