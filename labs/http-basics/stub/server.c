// SPDX-License-Identifier: 0BSD
/*
 * An HTTP server, step by step: lab http-basics.
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
    // Your server gets its settings from the environment:
    //   PORT                the port to listen on, on 127.0.0.1
    //   FILES_DIR           the folder whose files it serves (step files)
    //   REQUEST_TIMEOUT_MS  how long it waits for a client (step slow-clients)
    const char *port = getenv("PORT");
    if (port == NULL)
        port = "8080";
    printf("port %s: nobody listens yet\n", port);

    // TODO (step listen): make a TCP socket with socket(). Let it take a port
    // that was in use a moment ago: setsockopt() with SO_REUSEADDR.

    // TODO (step listen): bind() it to 127.0.0.1 and the port, then listen().

    // TODO (step listen): in an endless loop, accept() a connection and
    // close() it again. Do not let the program end when a client leaves.

    // TODO (step status-line): before you close a connection, read the
    // request and send an answer: a status line and an empty line, each
    // ended by \r\n.

    // TODO (step not-found): read the path in the request's first line.
    // Answer "/" with status 200 and all paths that you do not know with 404.

    return 0;
}
