// SPDX-License-Identifier: MIT
/*
 * Tries: to reach an address outside: connect() on UDP sends nothing, and finds a way or none
 * Held by: cell-network
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    int client = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, "198.51.100.7", &address.sin_addr);
    tried("connect", connect(client, (struct sockaddr *)&address, sizeof address));
    close(client);
}
