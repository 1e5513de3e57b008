// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "greeting.h"

// A client sends a name and a line feed; its answer ends with them.
static void greet(int client)
{
    char answer[256] = GREETING;
    size_t length = strlen(answer);
    do {
        ssize_t got = recv(client, answer + length, sizeof answer - length, 0);
        if (got <= 0)
            return;
        length += (size_t)got;
    } while (answer[length - 1] != '\n' && length < sizeof answer);
    send(client, answer, length, 0);
}

static int listen_on(int port)
{
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 8) < 0)
        return -1;
    return listener;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); // a client that is gone is no reason to end
    int listener = listen_on(atoi(getenv("PORT")));
    for (;;) {
        int client = accept(listener, NULL, NULL);
        greet(client);
        close(client);
    }
}
