// SPDX-License-Identifier: MIT
/*
 * Tries: to connect to a unix socket in a folder
 * Held by: box-mounts
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_OUTSIDE};
    tried("connect", connect(client, (struct sockaddr *)&address, sizeof address));
    close(client);
}
