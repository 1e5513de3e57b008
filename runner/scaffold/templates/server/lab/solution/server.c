// SPDX-License-Identifier: MIT
// A server that greets: a client sends a name and a line feed, and gets "hello NAME" back.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MOST = 128 };

// Reads up to a line feed. Returns the line's length with it, or 0 when the client leaves before
// its end.
static size_t read_line(int client, char line[LINE_MOST])
{
    size_t length = 0;
    while (length < LINE_MOST) {
        ssize_t got = recv(client, line + length, LINE_MOST - length, 0);
        if (got <= 0)
            return 0;
        length += (size_t)got;
        if (line[length - 1] == '\n')
            return length;
    }
    return 0;
}

static void answer(int client, const char *line, size_t length)
{
    char text[LINE_MOST + 8];
    int size = snprintf(text, sizeof text, "hello %.*s\n", (int)length - 1, line);
    send(client, text, (size_t)size, MSG_NOSIGNAL);
}

int main(void)
{
    const char *port = getenv("PORT");
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port != NULL ? (in_port_t)atoi(port) : 8080),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, SOMAXCONN) < 0) {
        perror("server");
        return 1;
    }
    for (;;) {
        char line[LINE_MOST];
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            continue;
        size_t length = read_line(client, line);
        if (length > 0)
            answer(client, line, length);
        close(client);
    }
}
