// SPDX-License-Identifier: MIT
/*
 * Tries: to set the clock of the machine
 * Held by: filter-machine user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

#include <sys/timex.h>

// It sets the frequency to what it is.
static void attack(void)
{
    struct timex now = {0};
    adjtimex(&now);
    now.modes = ADJ_FREQUENCY;
    tried("adjtimex", adjtimex(&now));
}
