// SPDX-License-Identifier: 0BSD
/*
 * fetch: an HTTP client, step by step: lab http-client.
 *
 *     fetch [-I] URL [URL...]
 *
 * `lab lesson` explains a step, `lab check` tries your program,
 * `lab hint STEP` helps when you are stuck.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netdb.h>
#include <sys/socket.h>

// The exit statuses of fetch. 0 says that all went well.
enum {
    HTTP_ERROR = 1,         // the server answers with status 4xx or 5xx
    USAGE = 2,              // fetch was called in a wrong way
    BAD_URL = 3,            // a URL that fetch cannot use
    NOT_RESOLVED = 4,       // the host has no address
    NOT_CONNECTED = 5,      // no connection to any address of the host
    TIMED_OUT = 6,          // the server took too long
    MALFORMED = 7,          // the answer breaks the rules of HTTP
    CUT_OFF = 8,            // the connection ended before the answer did
    TOO_MANY_REDIRECTS = 9, // more than ten, one after the other
    NOT_WRITTEN = 10,       // stdout takes no more
};

int main(int count, char **arguments)
{
    // Your client gets its settings from the environment:
    //   CONNECT_TIMEOUT_MS  how long it waits for a connection
    //   REQUEST_TIMEOUT_MS  how long it waits for the next byte
    // Both in step timeouts.
    for (int i = 1; i < count; i++)
        fprintf(stderr, "fetch: nobody asks for %s yet\n", arguments[i]);

    // TODO (step url): without an argument, write one line to stderr and exit
    // with status USAGE.

    // TODO (step url): take the URL apart: host, port, and what follows. What
    // does not begin with http:// or has no host gets status BAD_URL.

    // TODO (step url): find the addresses of the host with getaddrinfo(), and
    // connect() to the first one that takes you.

    // TODO (step request): send the request line, the field Host, and an
    // empty line, each ended by \r\n.

    // TODO (step length): read the answer. Write its body to stdout.

    return 0;
}
