// SPDX-License-Identifier: MIT
/*
 * Tries: a file of 10 GB
 * Held by: limit-file
 * Told: a file grew beyond 16 MB
 * Points: 0
 */
#include "hostile.h"

static void attack(void)
{
    int file = open("/tmp/big", O_RDWR | O_CREAT, 0600);
    tried("10 GB", ftruncate(file, (off_t)10000000000));
    close(file);
    unlink("/tmp/big");
}
