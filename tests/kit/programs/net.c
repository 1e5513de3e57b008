// SPDX-License-Identifier: MIT
/*
 * A server that does what the path of a request says, so that a check chooses each byte it gets:
 * GET /DO/HEX sends the bytes that HEX stands for and then
 *   close   closes the connection        hold    keeps it open and reads on
 *   half    closes its sending side      reset   resets it
 *   exit    ends the program             crash   crashes it
 * Further: /pieces/HEX sends byte by byte, then holds; /flood sends for ever; /deaf reads no more;
 * /stop closes the listening socket; /segments answers with the sizes of the reads so far;
 * /count reads a body of Content-Length bytes and answers with their number.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;

struct client {
    int socket;
    char head[70000];
    size_t length; // of what was read and not used
    char sizes[2000];
};

static void send_all(int socket, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = send(socket, bytes, length, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        bytes += n;
        length -= (size_t)n;
    }
}

static void send_pieces(int socket, const char *bytes, size_t length)
{
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (size_t i = 0; i < length; i++)
        send_all(socket, bytes + i, 1);
}

// Turns hexadecimal digits into bytes in place; returns how many.
static size_t unhex(char *text)
{
    size_t length = 0;
    unsigned byte;
    while (sscanf(text + 2 * length, "%2x", &byte) == 1)
        text[length++] = (char)byte;
    return length;
}

static void reset(int socket)
{
    struct linger linger = {1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(socket);
}

static void send_segments(struct client *client)
{
    char answer[2200];
    int length = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
                          strlen(client->sizes), client->sizes);
    send_all(client->socket, answer, (size_t)length);
}

static void count_body(struct client *client, const char *head)
{
    const char *field = strstr(head, "Content-Length: ");
    size_t length = field == NULL ? 0 : strtoul(field + 16, NULL, 10), came = client->length;
    char part[4096];
    ssize_t n;
    while (came < length && (n = recv(client->socket, part, sizeof part, 0)) > 0)
        came += (size_t)n;
    client->length = 0;
    int digits = snprintf(part, sizeof part, "%zu", came);
    char answer[200];
    int size = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s",
                        digits, part);
    send_all(client->socket, answer, (size_t)size);
}

static _Noreturn void flood(struct client *client)
{
    static char bytes[65536];
    memset(bytes, 'a', sizeof bytes);
    for (;;)
        send_all(client->socket, bytes, sizeof bytes);
}

// Returns 0 when the connection is over.
static int obey(struct client *client, char *path)
{
    char *argument = strchr(path + 1, '/');
    if (argument != NULL)
        *argument++ = '\0';
    const char *word = path + 1;
    size_t length = argument == NULL ? 0 : unhex(argument);
    int socket = client->socket;
    if (strcmp(word, "pieces") == 0)
        send_pieces(socket, argument, length);
    else
        send_all(socket, argument, length);
    if (strcmp(word, "close") == 0 || strcmp(word, "half") == 0)
        shutdown(socket, SHUT_WR);
    if (strcmp(word, "close") == 0) {
        close(socket);
        return 0;
    }
    if (strcmp(word, "reset") == 0) {
        reset(socket);
        return 0;
    }
    if (strcmp(word, "exit") == 0)
        exit(3);
    if (strcmp(word, "crash") == 0)
        *(volatile int *)argument[70000 - 1] = 1;
    if (strcmp(word, "flood") == 0)
        flood(client);
    if (strcmp(word, "deaf") == 0)
        for (;;)
            pause();
    if (strcmp(word, "stop") == 0) {
        shutdown(listener, SHUT_RDWR);
        close(listener);
        send_segments(client);
    }
    if (strcmp(word, "segments") == 0)
        send_segments(client);
    return 1;
}

// Reads up to the end of a head. Returns the head's length, 0 at the end.
static size_t read_head(struct client *client)
{
    for (;;) {
        char *end = memmem(client->head, client->length, "\r\n\r\n", 4);
        if (end != NULL)
            return (size_t)(end - client->head) + 4;
        size_t room = sizeof client->head - 1 - client->length;
        ssize_t n = recv(client->socket, client->head + client->length, room, 0);
        if (n <= 0)
            return 0;
        size_t used = strlen(client->sizes);
        snprintf(client->sizes + used, sizeof client->sizes - used, "%zd ", n);
        client->length += (size_t)n;
    }
}

static void *serve(void *context)
{
    struct client *client = context;
    size_t length;
    while ((length = read_head(client)) > 0) {
        static __thread char head[70000], path[70000];
        memcpy(head, client->head, length);
        head[length] = '\0';
        client->length -= length;
        memmove(client->head, client->head + length, client->length);
        if (sscanf(head, "%*s %s", path) != 1)
            strcpy(path, "/close/");
        if (strcmp(path, "/count") == 0)
            count_body(client, head);
        else if (!obey(client, path))
            return NULL;
    }
    close(client->socket);
    return NULL;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    listener = socket(AF_INET6, SOCK_STREAM, 0);
    int on = 1, off = 0;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    struct sockaddr_in6 name = {.sin6_family = AF_INET6,
                                .sin6_port = htons((uint16_t)atoi(getenv("PORT"))),
                                .sin6_addr = in6addr_any};
    if (bind(listener, (struct sockaddr *)&name, sizeof name) != 0 || listen(listener, 512) != 0) {
        perror("listen");
        return 1;
    }
    for (;;) {
        int socket = accept(listener, NULL, NULL);
        if (socket < 0)
            for (;;)
                pause();
        struct client *client = calloc(1, sizeof *client);
        client->socket = socket;
        pthread_t thread;
        pthread_create(&thread, NULL, serve, client);
        pthread_detach(thread);
    }
}
