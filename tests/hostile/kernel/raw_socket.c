// SPDX-License-Identifier: MIT
/*
 * Tries: to send packets that it has made itself
 * Held by: filter-namespaces box-namespaces filter-sockets
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    unshare(CLONE_NEWUSER | CLONE_NEWNET);
    tried("raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    tried("packet", socket(AF_PACKET, SOCK_RAW, 0));
}
