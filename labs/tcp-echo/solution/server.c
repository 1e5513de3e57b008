// SPDX-License-Identifier: MIT
/*
 * A TCP echo server (RFC 862): the solution of the lab tcp-echo.
 *
 * One thread serves all clients. poll() says which sockets are ready, and no
 * call of the program waits anywhere else: every socket is non-blocking. A
 * client has a buffer; it is read when its buffer is empty and written while
 * its buffer is not. So a client that does not read is not read from either,
 * and TCP itself slows it down.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CLIENTS_MAX = 4096, // at once; more wait in the backlog
    PIECE = 256 * 1024, // bytes that are held for one client
};

struct client {
    int fd;
    char data[PIECE];
    size_t start, end; // data[start] to data[end - 1] is still to be sent
    bool half_closed;  // the client sends nothing more
};

static struct client *clients[CLIENTS_MAX];
static size_t client_count;

// ---- SIGTERM. A handler may do next to nothing, so it writes a byte into a
// pipe, and poll() sees that byte like any other input. ----

static int stop_pipe[2];

static void on_sigterm(int number)
{
    int saved = errno;
    ssize_t ignored = write(stop_pipe[1], "", 1);
    (void)number, (void)ignored;
    errno = saved;
}

static void prepare_signals(void)
{
    struct sigaction stop = {.sa_handler = on_sigterm};
    // Writing to a client that has left is an error of send(), not our end.
    signal(SIGPIPE, SIG_IGN);
    if (pipe(stop_pipe) != 0) {
        perror("pipe");
        exit(1);
    }
    sigaction(SIGTERM, &stop, NULL);
}

// ---- Clients. ----

// Some bytes cannot be had or sent now: that is no fault of the connection.
static bool is_only_not_now(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static bool has_output(const struct client *client)
{
    return client->start < client->end;
}

// Returns false when the connection is over.
static bool receive(struct client *client)
{
    ssize_t count = recv(client->fd, client->data, PIECE, 0);
    if (count < 0)
        return is_only_not_now();
    client->half_closed = count == 0;
    client->start = 0;
    client->end = (size_t)count;
    return true;
}

// send() takes what fits into the socket's buffer, and says how much that was.
static bool send_rest(struct client *client)
{
    ssize_t count = send(client->fd, client->data + client->start,
                         client->end - client->start, 0);
    if (count < 0)
        return is_only_not_now();
    client->start += (size_t)count;
    return true;
}

// One turn for a client that poll() named. Returns false when it is done.
static bool serve(struct client *client)
{
    if (!has_output(client) && !client->half_closed && !receive(client))
        return false;
    if (has_output(client) && !send_rest(client))
        return false;
    return has_output(client) || !client->half_closed;
}

static void drop(size_t index)
{
    close(clients[index]->fd);
    free(clients[index]);
    clients[index] = clients[--client_count];
}

// Takes the connections that wait. Returns false when no descriptor is left for
// one more: it has to wait until another client leaves.
static bool accept_all(int listener)
{
    while (client_count < CLIENTS_MAX) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE))
            return false;
        if (fd < 0 && errno == ECONNABORTED)
            continue; // it left before we came
        if (fd < 0)
            return true; // no more now
        struct client *client = calloc(1, sizeof *client);
        if (client == NULL) {
            close(fd);
            return true;
        }
        fcntl(fd, F_SETFL, O_NONBLOCK);
        client->fd = fd;
        clients[client_count++] = client;
    }
    return false;
}

// ---- The listening socket: IPv6, which takes IPv4 too. ----

static int open_port(int port)
{
    const int on = 1;
    const int off = 0;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons((uint16_t)port),
                                   .sin6_addr = in6addr_any};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    // Without it the port stays taken for a minute after the last client.
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // IPv4 clients come as ::ffff:127.0.0.1.
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, SOMAXCONN) != 0) {
        perror("bind or listen");
        exit(1);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

// ---- The loop. ----

static struct pollfd polls[CLIENTS_MAX + 2];

// What to wait for: first the pipe and the listener, then each client. While
// the program stops, a client that is owed nothing is not waited for.
static void fill_polls(int listener, bool is_full)
{
    polls[0] = (struct pollfd){.fd = stop_pipe[0], .events = POLLIN};
    polls[1] = (struct pollfd){.fd = is_full ? -1 : listener, .events = POLLIN};
    for (size_t i = 0; i < client_count; i++)
        polls[i + 2] = (struct pollfd){.fd = clients[i]->fd,
                                       .events = has_output(clients[i]) ? POLLOUT : POLLIN};
}

// Returns whether a client left, and with it a descriptor became free.
static bool serve_ready_clients(void)
{
    bool has_left = false;
    // From the last on: drop() puts the last client in place of the dropped one.
    for (size_t i = client_count; i-- > 0;) {
        if (polls[i + 2].revents != 0 && !serve(clients[i])) {
            drop(i);
            has_left = true;
        }
    }
    return has_left;
}

// What was read is sent back before the program ends, and nothing new is read.
static void finish(void)
{
    for (size_t i = client_count; i-- > 0;)
        if (!has_output(clients[i]))
            drop(i);
    while (client_count > 0) {
        fill_polls(-1, true);
        polls[0].fd = -1;
        if (poll(polls, client_count + 2, -1) < 0)
            continue;
        for (size_t i = client_count; i-- > 0;)
            if (polls[i + 2].revents != 0 && (!send_rest(clients[i]) || !has_output(clients[i])))
                drop(i);
    }
}

int main(void)
{
    const char *port = getenv("PORT");
    prepare_signals();
    int listener = open_port(atoi(port != NULL ? port : "8080"));
    bool is_full = false;
    for (;;) {
        fill_polls(listener, is_full);
        if (poll(polls, client_count + 2, -1) < 0)
            continue; // EINTR: the signal's byte is in the pipe
        if (polls[0].revents != 0)
            break;
        if (serve_ready_clients())
            is_full = false;
        if (polls[1].revents != 0)
            is_full = !accept_all(listener);
    }
    close(listener);
    finish();
    return 0;
}
