// SPDX-License-Identifier: MIT
// Writes every byte of heads and short bodies with its own send(), each in its own packet. Long
// bodies go in odd pieces: 2 MiB byte by byte would take seconds.

#include "common/server.h"
#include <netinet/tcp.h>

enum { SHORT = 1024, ODD_PIECE = 997 };

static ssize_t send_little(int client, const char *from, size_t size, int limit_ms)
{
    int yes = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return server_send(client, from, size > SHORT ? ODD_PIECE : 1, limit_ms);
}

int main(void)
{
    static const struct wire wire = {server_receive, send_little, server_leave};
    http_configure();
    server_run_threads(server_listen_ipv4(INADDR_LOOPBACK), &wire);
}
