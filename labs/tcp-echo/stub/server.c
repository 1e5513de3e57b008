// SPDX-License-Identifier: 0BSD
/*
 * A TCP echo server, step by step: lab tcp-echo.
 *
 * `lab lesson` explains a step, `lab check` tries your program,
 * `lab hint STEP` helps when you are stuck.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
    // The port to listen on comes from the environment.
    const char *port = getenv("PORT");
    if (port == NULL)
        port = "8080";
    printf("port %s: nobody listens yet\n", port);

    // TODO (step listen): make a TCP socket with socket(), give it the address
    // 127.0.0.1 and the port with bind(), and listen().

    // TODO (step listen): in an endless loop, accept() a connection and
    // close() it again.

    // TODO (step echo): before you close a connection, read what the client
    // sends with recv(), and send() it back, until recv() returns 0.

    return 0;
}
