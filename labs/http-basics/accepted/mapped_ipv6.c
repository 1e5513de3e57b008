// SPDX-License-Identifier: MIT
// Listens at :: with IPV6_V6ONLY off, so a client of 127.0.0.1 comes in as ::ffff:127.0.0.1.

#include "common/server.h"

int main(void)
{
    struct sockaddr_in6 everywhere = {
        .sin6_family = AF_INET6, .sin6_port = server_port(), .sin6_addr = IN6ADDR_ANY_INIT};
    int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int no = 0;

    http_configure();
    setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    server_listen(listener, (const struct sockaddr *)&everywhere, sizeof everywhere);
    server_run_threads(listener, &server_wire);
}
