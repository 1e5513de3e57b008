// SPDX-License-Identifier: MIT
/*
 * Tries: to sleep for ever in threads and processes that each are gone before anybody looks twice
 * Held by: kit-clock
 * Told: it slept for 1 s, its limit|it used 1 s of CPU time, its limit
 * Points: 0|20
 */
#include "hostile.h"

static void *naps(void *ignored)
{
    sleep_for(0.015);
    return ignored;
}

static void attack(void)
{
    double start = seconds_now();
    while (seconds_now() - start < 6 * LIMIT_SECONDS) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, naps, NULL) != 0)
            continue;
        pid_t child = fork();
        if (child == 0) {
            naps(NULL);
            _exit(0);
        }
        pthread_join(thread, NULL);
        waitpid(child, NULL, 0);
    }
    through("it slept for long");
}
