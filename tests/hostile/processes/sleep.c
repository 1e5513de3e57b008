// SPDX-License-Identifier: MIT
/*
 * Tries: to sleep for ever
 * Held by: kit-clock
 * Told: it slept for 1 s, its limit
 * Points: 20
 */
#include "hostile.h"

static void attack(void)
{
    sleep_for(2.5 * LIMIT_SECONDS);
    through("it slept for long");
}
