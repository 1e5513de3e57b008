// SPDX-License-Identifier: MIT
// One client after the other: whoever sends nothing holds up all the others.
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_request(int fd)
{
    char buffer[4096];
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0)
        return;
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(atoi(getenv("PORT"))),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 16);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        read_request(client);
        close(client);
    }
}
