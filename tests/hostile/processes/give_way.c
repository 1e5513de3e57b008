// SPDX-License-Identifier: MIT
/*
 * Tries: to get a core only when nobody else wants one, so that a busy machine holds it up for ever
 * Held by: filter-priority
 * Told: nothing
 */
#include "hostile.h"

// As the kernel has it; the C library has no sched_setattr.
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

static void look(const char *what)
{
    if (sched_getscheduler(0) == SCHED_IDLE || getpriority(PRIO_PROCESS, 0) > 0)
        through(what);
}

static void attack(void)
{
    const struct sched_param none = {0};
    sched_setscheduler(0, SCHED_IDLE | SCHED_RESET_ON_FORK, &none);
    look("idle class");
    setpriority(PRIO_PROCESS, 0, 1);
    setpriority(PRIO_USER, getuid(), 19);
    look("nice");
    const struct attributes attributes = {
        .size = sizeof attributes, .policy = SCHED_IDLE, .nice = 19};
    if (syscall(SYS_sched_setattr, 0, &attributes, 0) < 0)
        held("sched_setattr");
    look("sched_setattr");
}
