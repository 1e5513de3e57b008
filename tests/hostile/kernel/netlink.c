// SPDX-License-Identifier: MIT
/*
 * Tries: to talk to the kernel about networks
 * Held by: filter-sockets
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
}
