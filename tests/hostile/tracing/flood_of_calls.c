// SPDX-License-Identifier: MIT
/*
 * Tries: to bury what the tracer keeps under calls, and to keep it busy with them
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define GREETING "hullo "
#include "hostile.h"

enum { CALLS = 60 * 1000 };

static void attack(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < CALLS; i++)
        syscall(SYS_write, i % 2 == 0 ? nowhere : -1, &i, i % 5);
    close(nowhere);
}
