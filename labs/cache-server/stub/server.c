// SPDX-License-Identifier: 0BSD
/*
 * A cache that speaks memcached's text protocol, step by step: lab cache-server.
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

// A client: what it has sent so far, and was not used yet.
struct client {
    int fd;
    char input[4096];
    size_t length;
};

// Does what one line says, and answers. `line` ends with a NUL, its \r\n is
// gone.
static void execute(struct client *client, char *line)
{
    // TODO (step listen): answer `version` with "VERSION 1.0\r\n", and end
    // the connection at `quit`.

    // TODO (step set-get): `set` and `get`. Where do the values live?

    printf("client %d says: %s\n", client->fd, line);
}

int main(void)
{
    // The port to listen on comes from the environment, and (from step
    // eviction on) how many megabytes all items may take.
    const char *port = getenv("PORT");
    const char *megabytes = getenv("CACHE_MEGABYTES");
    printf("port %s, %s MB: nobody listens yet\n", port == NULL ? "8080" : port,
           megabytes == NULL ? "64" : megabytes);

    // TODO (step listen): make a TCP socket with socket(), give it the address
    // 127.0.0.1 and the port with bind(), and listen().

    // TODO (step listen): in an endless loop, accept() a connection, recv()
    // what it sends into client.input, and call execute() for each line.
    struct client client = {.fd = -1};
    char line[] = "";
    execute(&client, line);

    return 0;
}
