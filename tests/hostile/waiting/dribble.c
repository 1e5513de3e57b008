// SPDX-License-Identifier: MIT
/*
 * Tries: to answer so slowly that each byte starts the clock again
 * Held by: kit-patience
 * Told: it kept the check waiting for 10 s in all, its limit
 * Points: 20
 */
#define OWN_MAIN
#include "hostile.h"

// The name's letters, each after almost the time that would be too long.
static void attack(void)
{
    int listener = listen_on(atoi(getenv("PORT")));
    int client = accept(listener, NULL, NULL);
    char name[256];
    ssize_t length = recv(client, name, sizeof name, 0);
    send(client, "hello ", 6, MSG_NOSIGNAL);
    for (ssize_t i = 0; i < length; i++) {
        sleep_for(i < 30 ? 0.8 : 0);
        if (send(client, name + i, 1, MSG_NOSIGNAL) < 0)
            return;
        if (i == 29)
            through("the check still waits");
    }
    serve(listener);
}

int main(void)
{
    attack();
}
