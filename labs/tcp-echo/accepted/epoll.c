// SPDX-License-Identifier: MIT
// Right and of another kind: epoll, edge-triggered, a growing queue for each client, so that
// reading never waits for writing; one socket for IPv4 and one for IPv6; signalfd.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 1 << 20 }; // bytes queued for one client before it is read no further

struct client {
    int fd;
    bool done; // its FIN came
    char *queue;
    size_t length, room;
    struct client *next, **link;
};

static int all, four, six, stop;
static struct client *clients;
static bool starving;

static void watch(int fd, void *who, unsigned events)
{
    struct epoll_event event = {.events = events, .data.ptr = who};
    epoll_ctl(all, EPOLL_CTL_ADD, fd, &event);
}

static void drop(struct client *client)
{
    *client->link = client->next;
    if (client->next != NULL)
        client->next->link = client->link;
    close(client->fd);
    free(client->queue);
    free(client);
}

static bool is_later(ssize_t result)
{
    return result < 0 && (errno == EAGAIN || errno == EINTR);
}

// False: over.
static bool write_queue(struct client *client)
{
    while (client->length > 0) {
        ssize_t sent = write(client->fd, client->queue, client->length);
        if (sent < 0)
            return is_later(sent);
        client->length -= (size_t)sent;
        memmove(client->queue, client->queue + sent, client->length);
    }
    return true;
}

// Writes before each look at the queue's length: a full queue then means a full socket, and an
// event will come when it has room again.
static bool turn(struct client *client, bool may_read)
{
    while (write_queue(client)) {
        if (!may_read || client->done || client->length >= MOST)
            return !(client->done && client->length == 0);
        if (client->room - client->length < 4096)
            client->queue = realloc(client->queue, client->room = client->length + 65536);
        ssize_t got =
            read(client->fd, client->queue + client->length, client->room - client->length);
        if (is_later(got))
            return true;
        if (got < 0)
            return false;
        client->done = got == 0;
        client->length += (size_t)got;
    }
    return false;
}

static void take(int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0 && errno == EMFILE)
            starving = true;
        if (fd < 0)
            return;
        struct client *client = calloc(1, sizeof *client);
        client->fd = fd;
        client->link = &clients;
        client->next = clients;
        if (clients != NULL)
            clients->link = &client->next;
        clients = client;
        watch(fd, client, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
}

static int listen_on(int family, const void *address, socklen_t length)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int));
    if (bind(fd, address, length) != 0 || listen(fd, 4096) != 0)
        exit(1);
    return fd;
}

int main(void)
{
    in_port_t port = htons((in_port_t)atoi(getenv("PORT")));
    struct sockaddr_in ipv4 = {
        .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 ipv6 = {
        .sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    signal(SIGPIPE, SIG_IGN);
    all = epoll_create1(0);
    stop = signalfd(-1, &term, 0);
    six = listen_on(AF_INET6, &ipv6, sizeof ipv6);
    four = listen_on(AF_INET, &ipv4, sizeof ipv4);
    watch(stop, &stop, EPOLLIN);
    watch(four, &four, EPOLLIN | EPOLLET);
    watch(six, &six, EPOLLIN | EPOLLET);
    for (bool stopping = false; !stopping;) {
        struct epoll_event event;
        if (epoll_wait(all, &event, 1, -1) <= 0)
            continue;
        if (event.data.ptr == &stop)
            stopping = true;
        else if (event.data.ptr == &four || event.data.ptr == &six)
            take(*(int *)event.data.ptr);
        else if (!turn(event.data.ptr, true)) {
            drop(event.data.ptr);
            if (starving) {
                starving = false;
                take(four);
                take(six);
            }
        }
    }
    close(four);
    close(six);
    while (clients != NULL) { // what is owed first, one client after the other
        fcntl(clients->fd, F_SETFL, 0);
        turn(clients, false);
        drop(clients);
    }
    return 0;
}
