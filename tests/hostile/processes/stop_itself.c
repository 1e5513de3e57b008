// SPDX-License-Identifier: MIT
/*
 * Tries: to stop itself, so that the check waits for ever
 * Held by: kit-clock
 * Told: it was stopped for 1 s, its limit
 * Points: 0|20
 */
#include "hostile.h"

static void attack(void)
{
    pid_t own = getpid();
    if (fork() == 0) {
        sleep_for(2.5 * LIMIT_SECONDS);
        kill(own, SIGCONT);
        _exit(0);
    }
    raise(SIGSTOP);
    through("it was stopped for long");
}
