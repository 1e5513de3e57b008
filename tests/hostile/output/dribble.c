// SPDX-License-Identifier: MIT
/*
 * Tries: to answer so slowly that each byte starts the clock again
 * Held by: kit-patience
 * Told: it kept the check waiting for 10 s in all, its limit
 * Points: 20
 */
#define OWN_MAIN
#include "hostile.h"

static void attack(void)
{
    int listener = listen_on(atoi(getenv("PORT")));
    int client = accept(listener, NULL, NULL);
    char name[256];
    ssize_t length = recv(client, name, sizeof name, 0);
    send(client, "hello ", 6, MSG_NOSIGNAL);
    // The name's letters, one in a second: ten of them are the limit, and two more are right.
    for (ssize_t i = 0; i < length; i++) {
        sleep_for(i < 14 ? 0.9 : 0);
        if (send(client, name + i, 1, MSG_NOSIGNAL) < 0)
            return;
        if (i == 12)
            through("the check still waits");
    }
    serve(listener);
}

int main(void)
{
    attack();
}
