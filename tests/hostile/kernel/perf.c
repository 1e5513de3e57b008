// SPDX-License-Identifier: MIT
/*
 * Tries: to watch the machine's processors
 * Held by: filter-doors user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

#include <linux/perf_event.h>

static void attack(void)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .config = PERF_COUNT_SW_CPU_CLOCK};
    tried("perf", syscall(SYS_perf_event_open, &attributes, -1, 0, -1, 0));
}
