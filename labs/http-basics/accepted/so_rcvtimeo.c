// SPDX-License-Identifier: MIT
// Times clients out by SO_RCVTIMEO and SO_SNDTIMEO on each connection; a thread for each client.

#include "common/server.h"

static void set_limit(int client, int option, int64_t milliseconds)
{
    /* 0 would mean for ever. */
    int64_t left = milliseconds > 0 ? milliseconds : 1;
    struct timeval limit = {left / 1000, left % 1000 * 1000};
    setsockopt(client, SOL_SOCKET, option, &limit, sizeof limit);
}

/* With a time limit these calls are not restarted after SIGCONT: go on with what is left of it. */
static ssize_t receive(int client, char *into, size_t room, int limit_ms)
{
    int64_t deadline = server_now_ms() + limit_ms;
    ssize_t size;
    do {
        set_limit(client, SO_RCVTIMEO, deadline - server_now_ms());
        size = recv(client, into, room, 0);
    } while (size < 0 && errno == EINTR);
    if (size < 0 && errno == EAGAIN)
        errno = ETIMEDOUT;
    return size;
}

static ssize_t send_some(int client, const char *from, size_t size, int limit_ms)
{
    int64_t deadline = server_now_ms() + limit_ms;
    ssize_t sent;
    do {
        set_limit(client, SO_SNDTIMEO, deadline - server_now_ms());
        sent = send(client, from, size, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == EAGAIN)
        errno = ETIMEDOUT;
    return sent;
}

static void leave(int client)
{
    char ignored[4096];
    int64_t deadline = server_now_ms() + SERVER_LINGER_MS;
    int64_t left = SERVER_LINGER_MS;

    if (!shutdown(client, SHUT_WR))
        while (left > 0 && receive(client, ignored, sizeof ignored, (int)left) > 0)
            left = deadline - server_now_ms();
    close(client);
}

int main(void)
{
    static const struct wire wire = {receive, send_some, leave};
    http_configure();
    server_run_threads(server_listen_ipv4(INADDR_LOOPBACK), &wire);
}
