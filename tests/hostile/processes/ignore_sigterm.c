// SPDX-License-Identifier: MIT
/*
 * Tries: to live on after SIGTERM, and to catch, block and ignore all that can be
 * Held by: kit-clock
 * Told: the program does not end after SIGTERM
 * Points: 80
 * Step: quit
 */
#include "hostile.h"

static void attack(void)
{
    sigset_t all;
    sigfillset(&all);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (fork() == 0) {
        // The check's end is the end of this one too, unless nobody ends the check.
        sleep_for(2.5 * LIMIT_SECONDS);
        through("the check still waits");
        kill(getppid(), SIGKILL);
        _exit(0);
    }
}
