// SPDX-License-Identifier: MIT
/*
 * Tries: more threads than the limit allows
 * Held by: limit-processes
 * Told: its limit is 16
 * Points: 100
 */
#include "hostile.h"

static void *stay(void *argument)
{
    pause();
    return argument;
}

static void attack(void)
{
    pthread_attr_t small;
    pthread_t thread;
    int count = 0;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    while (count < LIMIT_PROCESSES + 50 && pthread_create(&thread, &small, stay, NULL) == 0)
        count++;
    tried("so many threads", count > LIMIT_PROCESSES ? 0 : -1);
}
