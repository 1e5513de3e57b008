// SPDX-License-Identifier: MIT
/*
 * Tries: to end, thread by thread and process by process, while the tracer looks at what hangs
 * Held by: construction
 * Told: .
 * Points: 20
 */
#define OWN_MAIN
#include "hostile.h"

// Asleep, so that the check sees it hang; every moment another one is gone.
static void *sleeps(void *ignored)
{
    sleep_for(0.02);
    return ignored;
}

static void *comes_and_goes(void *ignored)
{
    for (;;) {
        pthread_t thread;
        pid_t child = vfork();
        if (child == 0)
            _exit(0);
        waitpid(child, NULL, 0);
        child = fork();
        if (child == 0) {
            sleep_for(0.01);
            _exit(0);
        }
        if (pthread_create(&thread, NULL, sleeps, NULL) == 0)
            pthread_join(thread, NULL);
        waitpid(child, NULL, 0);
    }
    return ignored;
}

int main(void)
{
    pthread_t thread;
    int listener = listen_on(atoi(getenv("PORT")));
    for (int i = 0; i < 2; i++)
        pthread_create(&thread, NULL, comes_and_goes, NULL);
    if (accept(listener, NULL, NULL) >= 0)
        syscall(SYS_exit, 0); // the first thread alone: what is left has no leader
    return 1;
}
