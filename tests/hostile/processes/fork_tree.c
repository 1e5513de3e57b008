// SPDX-License-Identifier: MIT
/*
 * Tries: processes that each make two more, until nothing is left
 * Held by: limit-processes
 * Told: its limit is 16
 * Points: 20
 */
#include "hostile.h"

// All of them share a counter, so that the tree ends.
static void attack(void)
{
    int *count =
        mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    while (__atomic_load_n(count, __ATOMIC_SEQ_CST) < LIMIT_PROCESSES + 50) {
        pid_t first = fork();
        pid_t second = first == 0 ? 0 : fork();
        if (first < 0 && second < 0)
            break;
        __atomic_add_fetch(count, (first > 0) + (second > 0), __ATOMIC_SEQ_CST);
    }
    if (__atomic_load_n(count, __ATOMIC_SEQ_CST) >= LIMIT_PROCESSES + 50)
        through("so many processes");
    for (;;)
        pause();
}
