// SPDX-License-Identifier: MIT
/*
 * Tries: processes by clone(), which share everything and are nobody's children
 * Held by: limit-processes
 * Told: its limit is 16
 * Points: 100
 */
#include "hostile.h"

#define STACK 16384

static int stay(void *argument)
{
    (void)argument;
    for (;;)
        pause();
}

static void attack(void)
{
    int count = 0;
    for (; count < LIMIT_PROCESSES + 50; count++) {
        char *stack = malloc(STACK);
        if (clone(stay, stack + STACK, CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_PARENT | SIGCHLD,
                  NULL) < 0)
            break;
    }
    tried("so many clones", count > LIMIT_PROCESSES ? 0 : -1);
}
