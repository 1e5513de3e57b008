// SPDX-License-Identifier: MIT
/*
 * Tries: to crash so that the box looks broken, which would not count
 * Held by: construction
 * Told: SIGKILL
 * Points: 0
 */
#define OWN_MAIN
#include "hostile.h"

static void attack(void)
{
    kill(1, SIGKILL);
    kill(1, SIGSEGV);
    kill(getpid(), SIGKILL);
}

int main(void)
{
    attack();
}
