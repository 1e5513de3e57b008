// SPDX-License-Identifier: MIT
/*
 * Tries: System V segments that outlive their makers
 * Held by: filter-memory
 * Told: nothing
 */
#include "hostile.h"

#include <sys/shm.h>

static void attack(void)
{
    int segments[16], count = 0;
    while (count < 16 && (segments[count] = shmget(IPC_PRIVATE, 8 * MIB, IPC_CREAT | 0600)) >= 0)
        count++;
    tried("128 MiB", count == 16 ? 0 : -1);
    for (int i = 0; i < count; i++)
        shmctl(segments[i], IPC_RMID, NULL);
}
