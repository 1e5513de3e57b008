// SPDX-License-Identifier: MIT
/*
 * Tries: more processes than the limit allows, each of which stays
 * Held by: limit-processes
 * Told: its limit is 16
 * Points: 100
 */
#include "hostile.h"

static void attack(void)
{
    pid_t children[LIMIT_PROCESSES + 50];
    int count = 0;
    while (count < LIMIT_PROCESSES + 50 && (children[count] = fork()) > 0)
        count++;
    if (count < LIMIT_PROCESSES + 50 && children[count] == 0)
        for (;;)
            pause();
    tried("so many processes", count > LIMIT_PROCESSES ? 0 : -1);
    sleep_for(0.1); // so that whoever watches can see them
    for (int i = 0; i < count; i++)
        kill(children[i], SIGKILL);
    while (wait(NULL) > 0)
        continue;
}
