// SPDX-License-Identifier: MIT
// What most of the test programs begin with.
#ifndef START_H
#define START_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int own_port(void)
{
    return atoi(getenv("PORT"));
}

static inline int listen_at(uint32_t address, int port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port),
                               .sin_addr.s_addr = htonl(address)};
    if (bind(listener, (struct sockaddr *)&name, sizeof name) != 0 || listen(listener, 64) != 0) {
        perror("listen");
        exit(1);
    }
    return listener;
}

static inline int listen_here(void)
{
    return listen_at(INADDR_LOOPBACK, own_port());
}

// Reads a line and answers; closes.
static inline void answer(int client)
{
    char line[64];
    if (read(client, line, sizeof line) > 0 && write(client, "pong\n", 5) < 0)
        perror("write");
    close(client);
}

_Noreturn static inline void answer_all(int listener)
{
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client >= 0)
            answer(client);
    }
}

#endif
