// SPDX-License-Identifier: MIT
/*
 * Tries: to read the kernel's log
 * Held by: filter-machine user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

#include <sys/klog.h>

static void attack(void)
{
    char text[64];
    tried("syslog", klogctl(3, text, sizeof text));
}
