// SPDX-License-Identifier: MIT
/*
 * Tries: to have a higher priority than all others
 * Held by: user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

static void attack(void)
{
    tried("nice", setpriority(PRIO_PROCESS, 0, -5));
    struct sched_param real = {.sched_priority = 1};
    tried("real time", sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &real));
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
}
