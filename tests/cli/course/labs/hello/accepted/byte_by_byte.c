// SPDX-License-Identifier: MIT
// Sends each byte by itself, and listens on every address.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(getenv("PORT")))};
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 8);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        char byte = 0;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        for (const char *c = "hello "; *c != '\0'; c++)
            send(client, c, 1, MSG_NOSIGNAL);
        while (byte != '\n' && recv(client, &byte, 1, 0) == 1)
            send(client, &byte, 1, MSG_NOSIGNAL);
        close(client);
    }
}
