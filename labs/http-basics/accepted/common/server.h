// SPDX-License-Identifier: MIT
/*
 * Sockets for the accepted programs that block: how a client is talked to, and what gives each
 * client its own thread or process. A `struct wire` says how bytes are received and sent and how a
 * connection is left; the programs replace what they want to do in another way.
 *
 * Every call that waits may come back with EINTR, also without any signal handler: after SIGSTOP
 * and SIGCONT (signal(7)). It then goes on with the time that is left.
 */
#ifndef ACCEPTED_SERVER_H
#define ACCEPTED_SERVER_H

#include "http.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

/* The box allows 64 processes and threads. */
enum { SERVER_CLIENTS = 48, SERVER_BACKLOG = 128, SERVER_LINGER_MS = 1000, SERVER_PIECE = 16384 };

struct wire {
    /* Returns what recv() does; -1 with ETIMEDOUT when nothing came within `limit_ms`. */
    ssize_t (*receive)(int client, char *into, size_t room, int limit_ms);
    /* Sends some of `size` bytes, at least one; -1 with ETIMEDOUT likewise. */
    ssize_t (*send)(int client, const char *from, size_t size, int limit_ms);
    /* Closes the connection so that the client still gets what was sent. */
    void (*leave)(int client);
};

static inline void server_fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static inline int64_t server_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void server_sleep_ms(long milliseconds)
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) && errno == EINTR)
        continue;
}

static inline in_port_t server_port(void)
{
    const char *port = getenv("PORT");
    return htons((uint16_t)(port ? atoi(port) : 8080));
}

/* Listen at that address; does not return without. */
static inline int server_listen(int listener, const struct sockaddr *address, socklen_t size)
{
    int yes = 1;
    if (listener < 0)
        server_fail("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, address, size))
        server_fail("bind");
    if (listen(listener, SERVER_BACKLOG))
        server_fail("listen");
    return listener;
}

static inline int server_listen_ipv4(in_addr_t host)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = server_port(), .sin_addr.s_addr = htonl(host)};
    return server_listen(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                         (const struct sockaddr *)&address, sizeof address);
}

/*
 * The next client; -1 when a signal or one client's trouble came between. Only what can never get
 * better ends the server.
 */
static inline int server_accept_once(int listener)
{
    int client = accept(listener, NULL, NULL);
    if (client >= 0)
        return client;
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
        server_sleep_ms(10);
    else if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
        server_fail("accept");
    return -1;
}

static inline int server_accept(int listener)
{
    int client;
    do
        client = server_accept_once(listener);
    while (client < 0);
    return client;
}

/* ---- the usual wire: poll() before each call ---- */

/* Wait until the client is ready; false with ETIMEDOUT when it is not within `limit_ms`. */
static inline bool server_wait(int client, short events, int limit_ms)
{
    struct pollfd wanted = {.fd = client, .events = events};
    int64_t deadline = server_now_ms() + limit_ms;
    for (;;) {
        int64_t left = deadline - server_now_ms();
        int ready = poll(&wanted, 1, left > 0 ? (int)left : 0);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready == 0) {
            errno = ETIMEDOUT;
            return false;
        }
    }
}

static inline ssize_t server_receive(int client, char *into, size_t room, int limit_ms)
{
    ssize_t size;
    do {
        if (!server_wait(client, POLLIN, limit_ms))
            return -1;
        size = recv(client, into, room, MSG_DONTWAIT);
    } while (size < 0 && (errno == EINTR || errno == EAGAIN));
    return size;
}

static inline ssize_t server_send(int client, const char *from, size_t size, int limit_ms)
{
    for (;;) {
        ssize_t sent = send(client, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0 || (errno != EINTR && errno != EAGAIN))
            return sent;
        if (errno == EAGAIN && !server_wait(client, POLLOUT, limit_ms))
            return -1;
    }
}

/*
 * close() with unread input sends a reset, and that destroys an answer which is still on its way
 * (RFC 9112 9.6). So: say that nothing more comes, read on until the client leaves, but not for
 * ever.
 */
static inline void server_leave(int client)
{
    char ignored[4096];
    int64_t deadline = server_now_ms() + SERVER_LINGER_MS;
    int64_t left = SERVER_LINGER_MS;

    if (!shutdown(client, SHUT_WR))
        while (left > 0 && server_receive(client, ignored, sizeof ignored, (int)left) > 0)
            left = deadline - server_now_ms();
    close(client);
}

static const struct wire server_wire = {server_receive, server_send, server_leave};

/* ---- one client, from its first byte to its last ---- */

/* Send all that is pending; false when the client is gone or does not read. */
static inline bool server_flush(int client, struct http_client *http, const struct wire *wire)
{
    const char *at;
    size_t size;
    while ((size = http_pending(http, &at)) > 0) {
        ssize_t sent = wire->send(client, at, size, http_limit_ms(http));
        if (sent < 0)
            return false;
        http_sent(http, (size_t)sent);
    }
    return true;
}

/* Answer the requests in these bytes; false when the client is gone. */
static inline bool server_answer(int client, struct http_client *http, const struct wire *wire,
                                 const char *bytes, size_t size)
{
    while (size && !http_is_over(http)) {
        size_t eaten = http_feed(http, bytes, size);
        if (!server_flush(client, http, wire))
            return false;
        bytes += eaten;
        size -= eaten;
    }
    return true;
}

static inline void server_talk(int client, const struct wire *wire)
{
    struct http_client http = {0};
    char bytes[SERVER_PIECE];
    bool is_there = true;

    while (is_there && !http_is_over(&http)) {
        ssize_t size = wire->receive(client, bytes, sizeof bytes, http_limit_ms(&http));
        if (size > 0) {
            is_there = server_answer(client, &http, wire, bytes, (size_t)size);
        } else if (size < 0 && errno == ETIMEDOUT) {
            http_expire(&http);
            is_there = server_flush(client, &http, wire);
        } else {
            is_there = false;
        }
    }
    wire->leave(client);
    http_release(&http);
}

/* ---- a thread for each client ---- */

struct server_thread {
    int client;
    const struct wire *wire;
    sem_t *seats;
};

static inline void *server_thread_run(void *argument)
{
    struct server_thread thread = *(struct server_thread *)argument;
    free(argument);
    server_talk(thread.client, thread.wire);
    sem_post(thread.seats);
    return NULL;
}

/* Never returns. */
static inline void server_run_threads(int listener, const struct wire *wire)
{
    static sem_t seats;
    sem_init(&seats, 0, SERVER_CLIENTS);
    for (;;) {
        while (sem_wait(&seats)) /* EINTR */
            continue;
        struct server_thread *start = malloc(sizeof *start);
        pthread_t thread;
        if (!start)
            abort();
        *start = (struct server_thread){server_accept(listener), wire, &seats};
        if (pthread_create(&thread, NULL, server_thread_run, start)) {
            close(start->client);
            free(start);
            sem_post(&seats);
        } else {
            pthread_detach(thread);
        }
    }
}

/* ---- a process for each client ---- */

static inline void server_child_ended(int signal_number)
{
    (void)signal_number; /* it only makes accept() come back, so that the child is reaped */
}

/* The child's whole life. It must not outlive the server. */
static inline void server_child_run(int client, const struct wire *wire, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    server_talk(client, wire);
    _exit(EXIT_SUCCESS);
}

/* Collect the children that ended; wait for one when there are too many. */
static inline void server_reap(int *children)
{
    for (;;) {
        pid_t child = waitpid(-1, NULL, *children < SERVER_CLIENTS ? WNOHANG : 0);
        if (child > 0)
            --*children;
        else if (child == 0 || errno != EINTR)
            return;
    }
}

/* Never returns. */
static inline void server_run_processes(int listener, const struct wire *wire)
{
    struct sigaction on_end = {.sa_handler = server_child_ended};
    pid_t self = getpid();
    int children = 0;
    sigaction(SIGCHLD, &on_end, NULL);
    for (;;) {
        server_reap(&children);
        int client = server_accept_once(listener);
        if (client < 0)
            continue; /* a child ended, perhaps */
        pid_t child = fork();
        if (child == 0) {
            close(listener);
            server_child_run(client, wire, self);
        }
        if (child > 0)
            children++;
        close(client);
    }
}

#endif
