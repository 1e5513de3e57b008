// SPDX-License-Identifier: 0BSD
// A server that greets. `lab lesson` says what it must do.
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    const char *port = getenv("PORT");
    // Step hello: listen on 127.0.0.1 and this port, and answer each client.
    printf("port %s: nobody listens yet\n", port != NULL ? port : "8080");
    return 0;
}
