// SPDX-License-Identifier: MIT
/*
 * Tries: to take the port of somebody else
 * Held by: cell-network
 * Told: nothing
 */
#include "hostile.h"

// That a port is taken shows that it is the same network.
static void attack(void)
{
    int listener = listen_on(PORT_OUTSIDE);
    if (listener < 0 && errno == EADDRINUSE)
        through("the port outside is seen");
    else
        held("listen");
    close(listener);
}
