// SPDX-License-Identifier: MIT
// client URL: asks for http://127.0.0.1:PORT/PATH and prints the body of the answer.
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MOST = 65536 };

static int fail(const char *what)
{
    fprintf(stderr, "client: %s\n", what);
    return 1;
}

// Connects to "127.0.0.1:PORT". Returns -1 when nobody listens there.
static int connect_to(const char *host)
{
    const char *colon = strchr(host, ':');
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port =
                                      htons((in_port_t)atoi(colon != NULL ? colon + 1 : "80")),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(server, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    return server;
}

static void ask(int server, const char *host, const char *path)
{
    char request[1024];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\n"
                          "Host: %s\r\n"
                          "Connection: close\r\n"
                          "\r\n",
                          path, host);
    send(server, request, (size_t)length, MSG_NOSIGNAL);
}

// Reads until the server closes: it was asked to, with `Connection: close`.
static void read_answer(int server, char answer[ANSWER_MOST])
{
    size_t length = 0;
    ssize_t got;
    while ((got = recv(server, answer + length, ANSWER_MOST - 1 - length, 0)) > 0)
        length += (size_t)got;
    answer[length] = '\0';
}

// Does the status line say 2xx?
static bool is_success(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 2", strlen("HTTP/1.1 2")) == 0;
}

// What stands behind the empty line, or NULL.
static const char *body_of(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    return end != NULL ? end + 4 : NULL;
}

int main(int argc, char **argv)
{
    static char answer[ANSWER_MOST];
    char host[128];
    if (argc != 2 || strncmp(argv[1], "http://", 7) != 0)
        return fail("usage: client http://127.0.0.1:PORT/PATH");
    const char *path = argv[1] + 7 + strcspn(argv[1] + 7, "/");
    snprintf(host, sizeof host, "%.*s", (int)(path - argv[1] - 7), argv[1] + 7);
    int server = connect_to(host);
    if (server < 0)
        return fail("no connection");
    ask(server, host, path);
    read_answer(server, answer);
    close(server);
    const char *body = body_of(answer);
    if (body == NULL || !is_success(answer))
        return fail("the server has no answer to that");
    fputs(body, stdout);
    return 0;
}
