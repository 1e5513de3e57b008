// SPDX-License-Identifier: MIT
// Listens at 0.0.0.0, which 127.0.0.1 is one of; a thread for each client.

#include "common/server.h"

int main(void)
{
    http_configure();
    server_run_threads(server_listen_ipv4(INADDR_ANY), &server_wire);
}
