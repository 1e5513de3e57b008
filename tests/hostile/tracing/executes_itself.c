// SPDX-License-Identifier: MIT
/*
 * Tries: to become another program again and again, from its first thread and from others
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define OWN_MAIN
#define GREETING "hullo "
#include "hostile.h"

enum { TIMES = 20 };

static char **arguments;

static void *execute(void *ignored)
{
    execv("/proc/self/exe", arguments);
    return ignored;
}

int main(int argc, char **argv)
{
    char number[16], *next[] = {argv[0], number, NULL};
    int times = argc > 1 ? atoi(argv[1]) : 0;
    snprintf(number, sizeof number, "%d", times + 1);
    arguments = next;
    if (times < TIMES) {
        pthread_t thread;
        if (times % 2 == 0)
            execute(NULL);
        else if (pthread_create(&thread, NULL, execute, NULL) == 0)
            pthread_join(thread, NULL);
    }
    serve(listen_on(atoi(getenv("PORT"))));
}
