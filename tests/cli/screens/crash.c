// SPDX-License-Identifier: MIT
// Stores what is posted, and has no room for the NUL behind it.
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t read_head(int client, char *head, size_t size)
{
    size_t length = 0;
    head[0] = '\0';
    while (strstr(head, "\r\n\r\n") == NULL && length + 1 < size) {
        if (recv(client, head + length, 1, 0) != 1)
            return 0;
        head[++length] = '\0';
    }
    return length;
}

static char *read_body(int client, size_t length)
{
    char *body = malloc(length);
    for (size_t had = 0; had < length;) {
        ssize_t got = recv(client, body + had, length - had, 0);
        if (got <= 0)
            break;
        had += (size_t)got;
    }
    body[length] = '\0';
    return body;
}

static void serve(int client)
{
    char head[4096];
    if (read_head(client, head, sizeof head) == 0)
        return;
    const char *field = strstr(head, "Content-Length: ");
    char *body = read_body(client, field != NULL ? strtoul(field + 16, NULL, 10) : 0);
    static const char answer[] = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
    send(client, answer, sizeof answer - 1, MSG_NOSIGNAL);
    free(body);
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
        serve(client);
        close(client);
    }
}
