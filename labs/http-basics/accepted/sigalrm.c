// SPDX-License-Identifier: MIT
// Times clients out by SIGALRM. An alarm belongs to a process, so each client has one of its own.

#include "common/server.h"
#include <sys/time.h>

enum { AGAIN_MS = 10 };

static volatile sig_atomic_t rang;

static void ring(int signal_number)
{
    (void)signal_number;
    rang = 1;
}

/*
 * Rings after that time, and from then on again and again: an alarm that comes just before recv()
 * waits would be missed otherwise. 0 turns it off.
 */
static void set_alarm(int milliseconds)
{
    struct itimerval when = {
        .it_value = {milliseconds / 1000, milliseconds % 1000 * 1000L},
        .it_interval = {0, milliseconds ? AGAIN_MS * 1000L : 0},
    };
    rang = 0;
    setitimer(ITIMER_REAL, &when, NULL);
}

/* The result of a call that the alarm may have ended. */
static ssize_t end_alarm(ssize_t result)
{
    int error = rang && errno == EINTR ? ETIMEDOUT : errno;
    set_alarm(0);
    errno = error;
    return result;
}

static ssize_t receive(int client, char *into, size_t room, int limit_ms)
{
    ssize_t size;
    set_alarm(limit_ms);
    do
        size = recv(client, into, room, 0);
    while (size < 0 && errno == EINTR && !rang);
    return end_alarm(size);
}

static ssize_t send_some(int client, const char *from, size_t size, int limit_ms)
{
    ssize_t sent;
    set_alarm(limit_ms);
    do
        sent = send(client, from, size, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR && !rang);
    return end_alarm(sent);
}

static void leave(int client)
{
    char ignored[4096];
    if (!shutdown(client, SHUT_WR)) {
        set_alarm(SERVER_LINGER_MS);
        while (!rang) {
            ssize_t size = recv(client, ignored, sizeof ignored, 0);
            if (size == 0 || (size < 0 && errno != EINTR))
                break;
        }
        set_alarm(0);
    }
    close(client);
}

int main(void)
{
    static const struct wire wire = {receive, send_some, leave};
    struct sigaction on_alarm = {.sa_handler = ring}; /* no SA_RESTART: it is to interrupt */
    http_configure();
    sigaction(SIGALRM, &on_alarm, NULL);
    server_run_processes(server_listen_ipv4(INADDR_LOOPBACK), &wire);
}
