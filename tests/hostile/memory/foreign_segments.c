// SPDX-License-Identifier: MIT
/*
 * Tries: System V segments of the machine, which other programs can see
 * Held by: cell-ipc box-ipc
 * Told: nothing
 */
#include "hostile.h"

#include <sys/shm.h>

// It makes a segment with the key that tests/hostile/run gave to somebody outside.
static void attack(void)
{
    int segment = shmget(KEY_OUTSIDE, 4096, 0600);
    tried("a segment from outside", segment);
}
