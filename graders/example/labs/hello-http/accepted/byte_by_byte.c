// SPDX-License-Identifier: MIT
// Right but unusual: a process for each client, the response byte by byte, a field that nobody
// asked for, and no Content-Length: the end of the connection ends the body.
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(int client, const char *text)
{
    for (; *text != '\0'; text++)
        send(client, text, 1, MSG_NOSIGNAL);
}

static void serve(int client)
{
    char head[8192], name[41];
    size_t length = 0;
    while (length < sizeof head - 1 &&
           (length < 4 || memcmp(head + length - 4, "\r\n\r\n", 4) != 0)) {
        if (recv(client, head + length, 1, 0) <= 0)
            return;
        length++;
    }
    head[length] = '\0';
    if (sscanf(head, "GET /hello/%40[^ ]", name) == 1) {
        say(client, "HTTP/1.1 200 Nice To See You\r\nserver: accepted\r\n\r\nHello, ");
        say(client, name);
        say(client, "!\n");
    } else {
        say(client, "HTTP/1.1 404 Never Heard Of It\r\nserver: accepted\r\n\r\n");
    }
}

int main(void)
{
    const char *port = getenv("PORT");
    if (port == NULL)
        return 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(port))};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGCHLD, SIG_IGN);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 10) < 0)
        return 1;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client >= 0 && fork() == 0) {
            serve(client);
            _exit(0);
        }
        close(client);
    }
}
