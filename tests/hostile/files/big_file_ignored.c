// SPDX-License-Identifier: MIT
/*
 * Tries: a file of 10 GB, and to ignore the signal that says no
 * Held by: limit-file
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    signal(SIGXFSZ, SIG_IGN);
    int file = open("/tmp/big", O_RDWR | O_CREAT, 0600);
    tried("10 GB", ftruncate(file, (off_t)10000000000));
    close(file);
    unlink("/tmp/big");
}
