// SPDX-License-Identifier: MIT
/*
 * Tries: to take back, of its own, what was taken from it
 * Held by: construction
 * Told: nothing
 */
#include "hostile.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>

static void attack(void)
{
    tried("new privileges", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    tried("no filter", prctl(PR_SET_SECCOMP, 0, NULL));
    tried("secure bits", prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED));
    tried("an ambient capability", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0));
    tried("another executable", prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, 0, 0, 0));
    tried("another user", setresuid(0, 0, 0));
    tried("another group", setgroups(0, NULL));
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        struct rlimit limit;
        if (getrlimit(i, &limit) != 0 || limit.rlim_max == RLIM_INFINITY)
            continue;
        limit.rlim_max++;
        tried("a higher limit", setrlimit(i, &limit));
    }
}
