// SPDX-License-Identifier: MIT
/*
 * Tries: to connect to the loopback of the machine
 * Held by: cell-network
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    int client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(PORT_OUTSIDE),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    tried("connect", connect(client, (struct sockaddr *)&address, sizeof address));
    close(client);
}
