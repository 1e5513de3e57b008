// SPDX-License-Identifier: 0BSD
// fetch URL: asks for http://127.0.0.1:PORT/PATH and prints the body.
#define _GNU_SOURCE // strcasestr
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
    fprintf(stderr, "fetch: %s\n", what);
    return 1;
}

static int connect_to(const char *host)
{
    const char *port = strchr(host, ':');
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((in_port_t)atoi(port + 1)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(server, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    return server;
}

static void ask(int server, const char *host, const char *path)
{
    char request[1024];
    int length =
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);
    send(server, request, (size_t)length, MSG_NOSIGNAL);
}

// Reads up to the empty line; returns where the body begins, or NULL.
static char *read_head(int server, char *answer, size_t size, size_t *length)
{
    char *end = NULL;
    while (end == NULL) {
        ssize_t got = recv(server, answer + *length, size - 1 - *length, 0);
        if (got <= 0)
            return NULL;
        *length += (size_t)got;
        answer[*length] = '\0';
        end = strstr(answer, "\r\n\r\n");
    }
    return end + 4;
}

static int print_body(int server, const char *begin, size_t have, size_t left)
{
    char room[4096];
    while (left > 0) {
        size_t count = have < left ? have : left;
        fwrite(begin, 1, count, stdout);
        left -= count;
        if (left == 0)
            break;
        ssize_t got = recv(server, room, sizeof room, 0);
        if (got <= 0)
            return fail("the body ends too early");
        begin = room;
        have = (size_t)got;
    }
    return 0;
}

int main(int argc, char **argv)
{
    char host[128], answer[8192];
    size_t length = 0;
    if (argc != 2 || strncmp(argv[1], "http://", 7) != 0)
        return fail("usage: fetch URL");
    const char *path = argv[1] + 7 + strcspn(argv[1] + 7, "/");
    snprintf(host, sizeof host, "%.*s", (int)(path - argv[1] - 7), argv[1] + 7);
    int server = connect_to(host);
    if (server < 0)
        return fail("no connection");
    ask(server, host, path);
    const char *body = read_head(server, answer, sizeof answer, &length);
    const char *field = strcasestr(answer, "\r\nContent-Length:");
    if (body == NULL || field == NULL)
        return fail("no answer that can be read");
    size_t left = (size_t)strtoul(field + 17, NULL, 10);
    return print_body(server, body, length - (size_t)(body - answer), left);
}
