// SPDX-License-Identifier: MIT
/*
 * Tries: to connect to an abstract unix socket, which no folder holds
 * Held by: cell-network
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path + 1, NAME_OUTSIDE, strlen(NAME_OUTSIDE));
    tried("connect",
          connect(client, (struct sockaddr *)&address,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(NAME_OUTSIDE))));
    close(client);
}
