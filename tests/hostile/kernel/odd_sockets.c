// SPDX-License-Identifier: MIT
/*
 * Tries: sockets of families that no backend needs
 * Held by: filter-sockets
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    tried("alg", socket(AF_ALG, SOCK_SEQPACKET, 0));
    tried("vsock", socket(40, SOCK_STREAM, 0));
}
