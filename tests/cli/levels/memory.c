// SPDX-License-Identifier: MIT
// Takes all memory, in two processes. Open at:
#include "attack.h"

static void attack(void)
{
    size_t taken = 0;
    fork();
    for (; taken < 4000; taken++) {
        char *block = malloc(1 << 20);
        if (block == NULL)
            break;
        memset(block, 1, 1 << 20);
        __asm__ volatile("" : : "r"(block) : "memory");
    }
    if (taken == 4000)
        through("eight gigabytes of memory were taken");
}
