// SPDX-License-Identifier: MIT
// One thread that never waits but in epoll_wait(): each client is a small state machine, and one
// timerfd rings at the earliest deadline of them all.

#define _GNU_SOURCE /* accept4 */
#include "common/server.h"
#include <sys/epoll.h>
#include <sys/timerfd.h>

enum { EVENTS = 32 };

struct peer {
    struct peer *next, **link; /* in `peers`; `link` points at what points here */
    int socket;
    uint32_t events; /* what epoll watches for */
    bool is_leaving; /* all is said; what still comes is thrown away */
    bool is_gone;
    int64_t deadline;
    struct http_client http;
    char input[SERVER_PIECE];
    size_t from, to; /* of `input`: received, not yet fed */
};

static int watcher = -1, timer = -1, listener = -1;
static struct peer *peers;

static void watch(int descriptor, int how, uint32_t events, void *what)
{
    struct epoll_event event = {.events = events, .data.ptr = what};
    if (epoll_ctl(watcher, how, descriptor, &event))
        server_fail("epoll_ctl");
}

static void welcome(void)
{
    int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) {
        if (errno == EMFILE || errno == ENFILE)
            server_sleep_ms(10);
        return; /* it left again, or a signal came: nothing is lost */
    }
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        abort();
    peer->socket = client;
    peer->events = EPOLLIN;
    peer->deadline = server_now_ms() + HTTP_IDLE_MS;
    peer->next = peers;
    peer->link = &peers;
    if (peers)
        peers->link = &peer->next;
    peers = peer;
    watch(client, EPOLL_CTL_ADD, EPOLLIN, peer);
}

static void forget(struct peer *peer)
{
    *peer->link = peer->next;
    if (peer->next)
        peer->next->link = peer->link;
    close(peer->socket);
    http_release(&peer->http);
    free(peer);
}

/* Whatever arrives now would make close() send a reset: throw it away until the client leaves. */
static void throw_away(struct peer *peer)
{
    ssize_t size = recv(peer->socket, peer->input, sizeof peer->input, 0);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
        peer->is_gone = true;
}

static void send_once(struct peer *peer, const char *at, size_t size)
{
    ssize_t sent = send(peer->socket, at, size, MSG_NOSIGNAL);
    if (sent > 0)
        http_sent(&peer->http, (size_t)sent);
    else if (sent < 0 && errno != EAGAIN && errno != EINTR)
        peer->is_gone = true;
}

static void receive_once(struct peer *peer)
{
    ssize_t size = recv(peer->socket, peer->input, sizeof peer->input, 0);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
        peer->is_gone = true;
    peer->from = 0;
    peer->to = size > 0 ? (size_t)size : 0;
}

/* Feed what is there until it is used up or makes an answer. */
static void feed(struct peer *peer)
{
    const char *at;
    while (peer->from < peer->to && !http_pending(&peer->http, &at))
        peer->from += http_feed(&peer->http, peer->input + peer->from, peer->to - peer->from);
}

/* After each step: what is to be waited for, and until when? */
static void arrange(struct peer *peer)
{
    const char *at;
    uint32_t events = http_pending(&peer->http, &at) ? EPOLLOUT : EPOLLIN;
    int limit_ms = http_limit_ms(&peer->http);

    if (http_is_over(&peer->http) && !peer->is_leaving) {
        peer->is_leaving = true;
        peer->is_gone = shutdown(peer->socket, SHUT_WR) != 0;
        limit_ms = SERVER_LINGER_MS;
    }
    peer->deadline = server_now_ms() + limit_ms;
    if (events != peer->events && !peer->is_gone)
        watch(peer->socket, EPOLL_CTL_MOD, events, peer);
    peer->events = events;
}

/* One call to send() or recv() at a time, so that no client keeps the others waiting. */
static void step(struct peer *peer)
{
    const char *at;
    size_t size = http_pending(&peer->http, &at);
    if (peer->is_leaving) {
        throw_away(peer);
    } else {
        if (size)
            send_once(peer, at, size);
        else
            receive_once(peer);
        if (!peer->is_gone) {
            feed(peer);
            arrange(peer);
        }
    }
    if (peer->is_gone)
        forget(peer);
}

/* The timer rang: who let their time pass? */
static void expire(void)
{
    uint64_t times;
    int64_t now = server_now_ms();
    if (read(timer, &times, sizeof times) < 0)
        return; /* it was set anew since it rang */
    for (struct peer *peer = peers, *next; peer; peer = next) {
        next = peer->next;
        if (peer->deadline > now)
            continue;
        if (peer->is_leaving) {
            forget(peer);
        } else {
            http_expire(&peer->http);
            arrange(peer);
            if (peer->is_gone)
                forget(peer);
        }
    }
}

static void set_timer(void)
{
    static int64_t set;
    int64_t earliest = INT64_MAX;
    for (const struct peer *peer = peers; peer; peer = peer->next)
        if (peer->deadline < earliest)
            earliest = peer->deadline;
    if (earliest == set)
        return;
    set = earliest;
    struct itimerspec when = {0}; /* zero: never */
    if (peers)
        when.it_value = (struct timespec){earliest / 1000, earliest % 1000 * 1000000 + 1};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

int main(void)
{
    struct epoll_event events[EVENTS];

    http_configure();
    watcher = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    listener = server_listen_ipv4(INADDR_LOOPBACK);
    if (fcntl(listener, F_SETFL, O_NONBLOCK))
        server_fail("fcntl");
    watch(listener, EPOLL_CTL_ADD, EPOLLIN, &listener);
    watch(timer, EPOLL_CTL_ADD, EPOLLIN, &timer);
    for (;;) {
        bool is_expired = false;
        set_timer();
        int ready = epoll_wait(watcher, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) { /* -1 is EINTR: once more */
            if (events[i].data.ptr == &listener)
                welcome();
            else if (events[i].data.ptr == &timer)
                is_expired = true;
            else
                step(events[i].data.ptr);
        }
        if (is_expired) /* last: it may free a client that still stands in `events` */
            expire();
    }
}
