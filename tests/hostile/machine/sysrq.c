// SPDX-License-Identifier: MIT
/*
 * Tries: to restart the machine
 * Held by: user box-proc
 * Told: nothing
 * As: root
 */
#include "hostile.h"

static void attack(void)
{
    tried_writing("/proc/sysrq-trigger");
    tried_writing("/proc/irq/default_smp_affinity");
}
