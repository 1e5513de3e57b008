// SPDX-License-Identifier: MIT
/*
 * Tries: to give the tracer threads and processes without end
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define GREETING "hullo "
#include "hostile.h"

enum { ROUNDS = 60, AT_ONCE = 8 };

static void *thread(void *number)
{
    return number;
}

static void attack(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t threads[AT_ONCE];
        int count = 0;
        while (count < AT_ONCE && pthread_create(&threads[count], NULL, thread, NULL) == 0)
            count++;
        pid_t child = fork();
        if (child == 0)
            _exit(fork() < 0);
        while (count > 0)
            pthread_join(threads[--count], NULL);
        waitpid(child, NULL, 0);
    }
}
