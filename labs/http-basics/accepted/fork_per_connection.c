// SPDX-License-Identifier: MIT
// A process for each client: none shares memory with another, and the children end before their
// parent does.

#include "common/server.h"

int main(void)
{
    http_configure();
    server_run_processes(server_listen_ipv4(INADDR_LOOPBACK), &server_wire);
}
