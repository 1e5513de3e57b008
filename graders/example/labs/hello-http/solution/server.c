// SPDX-License-Identifier: MIT
// A server that greets: GET /hello/ada is answered with "Hello, ada!".
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 4096 };

// Reads a request's head. Returns false when the client leaves before its end.
static bool read_head(int client, char head[HEAD_MAX + 1])
{
    size_t length = 0;
    do {
        ssize_t got = recv(client, head + length, HEAD_MAX - length, 0);
        if (got <= 0)
            return false;
        length += (size_t)got;
        head[length] = '\0';
    } while (strstr(head, "\r\n\r\n") == NULL);
    return true;
}

static void reply(int client, const char *status, const char *body)
{
    char text[512];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 %s\r\n"
                          "Content-Length: %zu\r\n"
                          "Connection: close\r\n"
                          "\r\n"
                          "%s",
                          status, strlen(body), body);
    send(client, text, (size_t)length, MSG_NOSIGNAL);
}

static void serve(int client)
{
    char head[HEAD_MAX + 1], name[41], greeting[64];
    if (!read_head(client, head))
        return;
    if (sscanf(head, "GET /hello/%40[^ ]", name) == 1) {
        snprintf(greeting, sizeof greeting, "Hello, %s!\n", name);
        reply(client, "200 OK", greeting);
    } else {
        reply(client, "404 Not Found", "There is nothing here.\n");
    }
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
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            continue;
        serve(client);
        close(client);
    }
}
