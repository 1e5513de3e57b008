// SPDX-License-Identifier: MIT
/*
 * Tries: to find the servers of other checks
 * Held by: cell-network
 * Told: nothing
 */
#include "hostile.h"

// Whatever listens over TCP, by its port; one of them is its own.
static void attack(void)
{
    char line[256];
    unsigned port, state;
    FILE *list = fopen("/proc/net/tcp", "r");
    while (list != NULL && fgets(line, sizeof line, list) != NULL)
        if (sscanf(line, " %*d: %*x:%x %*x:%*x %x", &port, &state) == 2 && state == 10 &&
            (int)port != atoi(getenv("PORT")))
            through(line);
    if (list != NULL)
        fclose(list);
}
