// SPDX-License-Identifier: MIT
/*
 * Tries: to compute for ever, but only when nobody else wants a core, where no clock would run
 * Held by: kit-clock
 * Told: it used 1 s of CPU time, its limit
 * Points: 20
 */
#include "hostile.h"

static void attack(void)
{
    const struct sched_param none = {0};
    if (sched_setscheduler(0, SCHED_IDLE, &none) < 0)
        held("SCHED_IDLE");
    if (setpriority(PRIO_PROCESS, 0, 19) < 0)
        held("setpriority");
    while (clock() < (clock_t)(2.5 * LIMIT_SECONDS * CLOCKS_PER_SEC))
        continue;
    through("it computed for long");
}
