// SPDX-License-Identifier: MIT
/*
 * Tries: to stop its parent, PID 1 of the box
 * Held by: box-proc
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    char path[64], text[256] = "", *state;
    pid_t parent = getppid();
    kill(parent, SIGSTOP);
    sleep_for(0.05); // a signal takes its time
    snprintf(path, sizeof path, "/proc/%d/stat", (int)parent);
    int file = open(path, O_RDONLY);
    if (file < 0 || read(file, text, sizeof text - 1) <= 0)
        held(path);
    state = strstr(text, ") ");
    if (state != NULL && state[2] == 'T')
        through("the parent is stopped");
    kill(parent, SIGCONT);
}
