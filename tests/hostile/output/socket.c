// SPDX-License-Identifier: MIT
/*
 * Tries: to answer without end
 * Held by: construction
 * Told: expected|other bytes|differ|hello
 * Points: 20
 */
#include "hostile.h"

// The check ends at the first wrong byte; whatever comes behind it meets a closed connection.
static void attack(void)
{
    static char block[MIB];
    signal(SIGPIPE, SIG_IGN);
    memset(block, 'x', sizeof block);
    int client = accept(3, NULL, NULL);
    for (size_t done = 0; client >= 0 && done < 200 * MIB; done += sizeof block)
        if (send(client, block, sizeof block, MSG_NOSIGNAL) < 0)
            return;
    if (client >= 0)
        through("200 MiB");
}
