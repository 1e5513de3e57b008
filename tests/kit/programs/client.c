// SPDX-License-Identifier: MIT
/*
 * A client: asks for one URL after the other and prints the bodies. MODE makes it wrong, or odd.
 * Reads bodies by Content-Length, by chunks, or up to the end of the connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char *mode;

static bool is(const char *name)
{
    return strcmp(mode, name) == 0;
}

static int give_up(const char *what, int status)
{
    if (!is("silent"))
        fprintf(stderr, "client: %s\n", what);
    if (is("chatty"))
        fprintf(stderr, "client: sorry\n");
    exit(status);
}

// "http://HOST:PORT/…", HOST may be [::1]
static int connect_to(const char *url, char host[128], const char **path)
{
    const char *from = url + strlen("http://");
    size_t length = strcspn(from, "/");
    snprintf(host, 128, "%.*s", (int)length, from);
    *path = from[length] == '\0' ? "/" : from + length;
    char name[128];
    snprintf(name, sizeof name, "%s", host[0] == '[' ? host + 1 : host);
    char *port = strrchr(name, ':');
    *port++ = '\0';
    if (port[-2] == ']')
        port[-2] = '\0';
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *all;
    if (getaddrinfo(name, port, &hints, &all) != 0)
        give_up("no address", 2);
    int fd = socket(all->ai_family, SOCK_STREAM, 0);
    struct timeval second = {.tv_usec = 200000};
    if (getenv("CONNECT_TIMEOUT_MS") != NULL && !is("patient"))
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    if (connect(fd, all->ai_addr, all->ai_addrlen) < 0)
        give_up(errno == EINPROGRESS ? "connect timed out" : strerror(errno), 7);
    freeaddrinfo(all);
    return fd;
}

static void ask(int fd, const char *host, const char *path)
{
    char request[4096];
    const char *blank = is("space") ? " " : "";
    if (is("nohost"))
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n\r\n", path);
    else if (is("bareline"))
        snprintf(request, sizeof request, "GET %s HTTP/1.1\nHost: %s\n\n", path, host);
    else if (is("half"))
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, host);
    else
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost%s: %s\r\n\r\n", path, blank,
                 host);
    if (is("floods")) {
        static char flood[1 << 20];
        memset(flood, 'x', sizeof flood);
        while (send(fd, flood, sizeof flood, MSG_NOSIGNAL) > 0)
            continue;
    }
    if (!is("mute"))
        send(fd, request, strlen(request), MSG_NOSIGNAL);
    if (is("twice"))
        send(fd, request, strlen(request), MSG_NOSIGNAL);
}

static char head[65536];
static size_t head_length;

static ssize_t more(int fd, char *buffer, size_t size)
{
    ssize_t n = recv(fd, buffer, size, 0);
    if (n < 0)
        give_up("the connection was reset", 56);
    return n;
}

static void print_bytes(const char *bytes, size_t length)
{
    static size_t printed;
    if (is("drops") && printed > 0)
        return;
    if (is("flips") && printed <= 70000000 && printed + length > 70000000) {
        char *copy = malloc(length);
        memcpy(copy, bytes, length);
        copy[70000000 - printed] ^= 1;
        fwrite(copy, 1, length, stdout);
        free(copy);
    } else {
        fwrite(bytes, 1, length, stdout);
    }
    printed += length;
}

// Reads one answer; bytes behind it are dropped.
static void answer(int fd)
{
    char *end = NULL;
    head_length = 0;
    while (end == NULL) {
        ssize_t n = more(fd, head + head_length, is("greedy") ? 1 : sizeof head - 1 - head_length);
        if (n == 0)
            give_up("the answer ends too early", 52);
        head_length += (size_t)n;
        head[head_length] = '\0';
        end = strstr(head, "\r\n\r\n");
        if (is("onerecv"))
            break;
    }
    if (end == NULL)
        give_up("no end of the head", 53);
    char *body = end + 4;
    size_t have = head_length - (size_t)(body - head);
    char *length = strcasestr(head, "\r\nContent-Length:");
    unsigned long long left = ~0ULL;
    if (length != NULL && length < end)
        left = strtoull(length + 17, NULL, 10);
    static char room[65536];
    static char *kept;
    static size_t kept_length;
    while (left > 0) {
        size_t n = have < left ? have : (size_t)left;
        if (is("keeps")) {
            kept = realloc(kept, kept_length + n);
            memcpy(kept + kept_length, body, n);
            kept_length += n;
        } else {
            print_bytes(body, n);
        }
        left -= left == ~0ULL ? 0 : n;
        if (left == 0)
            break;
        ssize_t got = more(fd, room, sizeof room);
        if (got == 0 && left != ~0ULL)
            give_up("the body ends too early", 18);
        if (got == 0)
            break;
        body = room;
        have = (size_t)got;
    }
    if (is("keeps"))
        fwrite(kept, 1, kept_length, stdout);
    if (is("naps"))
        pause();
    if (is("waits"))
        more(fd, room, sizeof room);
}

int main(int argc, char **argv)
{
    mode = getenv("MODE") != NULL ? getenv("MODE") : "";
    char host[128], before[128] = "";
    const char *path = NULL;
    int fd = -1;
    if (argc < 2)
        return give_up("usage: client URL...", 2);
    if (strcmp(argv[1], "--environment") == 0) {
        extern char **environ;
        for (char **at = environ; *at != NULL; at++)
            puts(*at);
        return 0;
    }
    if (is("crash"))
        *(volatile int *)0 = 1;
    if (is("sleeps"))
        pause();
    for (int i = 1; i < argc; i++) {
        const char *at = argv[i] + strlen("http://");
        char next[128];
        snprintf(next, sizeof next, "%.*s", (int)strcspn(at, "/"), at);
        if (strcmp(next, before) != 0 || is("anew")) {
            if (fd >= 0)
                close(fd);
            fd = connect_to(argv[i], host, &path);
        } else {
            path = at + strcspn(at, "/");
        }
        strcpy(before, next);
        if (is("unasked"))
            continue;
        ask(fd, host, path);
        answer(fd);
        if (is("closes") && fd >= 0) {
            close(fd);
            fd = -1;
            before[0] = '\0';
        }
    }
    fflush(stdout);
    for (int i = 0; is("spills") && i < 20 << 20; i++)
        putchar('x');
    if (is("lines"))
        printf("and more\n");
    if (is("leaks"))
        *(volatile char *)malloc(100) = 1;
    return is("status") ? 9 : 0;
}
