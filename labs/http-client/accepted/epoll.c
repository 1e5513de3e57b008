// SPDX-License-Identifier: MIT
// Nothing waits but epoll_wait(): for the socket and for a timerfd. The request is sent with a hint
// that more comes, in two parts. A failed address is followed by the next one.
#include "common/client.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

static int loop = -1, timer = -1, line = -1;
static char *leads_to;

static void set_timer(int milliseconds)
{
    struct itimerspec time = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000000L}};
    timerfd_settime(timer, 0, &time, NULL);
}

static void hang_up(void)
{
    if (line >= 0)
        close(line);
    free(leads_to);
    leads_to = NULL;
    line = -1;
}

// Waits until the socket is ready, or the timer.
static void wait_for(uint32_t what, int milliseconds)
{
    struct epoll_event event = {.events = what, .data.fd = line};
    epoll_ctl(loop, EPOLL_CTL_MOD, line, &event);
    set_timer(milliseconds);
    while (epoll_wait(loop, &event, 1, -1) < 0)
        continue;
    if (event.data.fd == timer)
        die(LATE, "too late");
}

static int try(const struct addrinfo *a)
{
    int error = 0;
    socklen_t size = sizeof error;
    line = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = 0, .data.fd = line};
    epoll_ctl(loop, EPOLL_CTL_ADD, line, &event);
    if (connect(line, a->ai_addr, a->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    wait_for(EPOLLOUT, setting("CONNECT_TIMEOUT_MS"));
    getsockopt(line, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

static void dial(const struct url *url)
{
    struct addrinfo *list = addresses_of(url);
    int error = -1;
    for (struct addrinfo *a = list; a && error != 0; a = a->ai_next) {
        error = try(a);
        if (error != 0)
            hang_up();
    }
    freeaddrinfo(list);
    if (error != 0)
        die(REFUSED, "nobody there");
    leads_to = strdup(url->authority);
}

static void tell(const char *request)
{
    size_t length = strlen(request), half = length / 2;
    while (length > 0) {
        struct iovec parts[] = {{(void *)request, half}, {(void *)(request + half), length - half}};
        ssize_t count = writev(line, parts, 2);
        if (count < 0 && errno == EAGAIN) {
            wait_for(EPOLLOUT, setting("REQUEST_TIMEOUT_MS"));
        } else if (count < 0) {
            return;
        } else {
            request += count;
            length -= (size_t)count;
            half = length / 2;
        }
    }
}

static bool listen_to(struct parser *parser)
{
    static char piece[65536];
    while (parser->state != DONE) {
        wait_for(EPOLLIN, setting("REQUEST_TIMEOUT_MS"));
        ssize_t count = read(line, piece, sizeof piece);
        if (count > 0) {
            if (parser_feed(parser, piece, (size_t)count) < (size_t)count)
                parser->keeps = false;
        } else if (count < 0 && errno == EAGAIN) {
            continue;
        } else if (!parser->began) {
            return false;
        } else {
            parser_end(parser, count < 0);
        }
    }
    set_timer(0);
    return true;
}

static bool talk(const char *request, struct parser *parser)
{
    tell(request);
    return listen_to(parser);
}

static void ask(const struct url *url, const char *request, struct parser *parser)
{
    char byte;
    bool known = line >= 0 && strcmp(leads_to, url->authority) == 0 &&
                 recv(line, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
    if (!known || !talk(request, parser)) {
        hang_up();
        dial(url);
        if (!talk(request, parser))
            die(CUT, "not a word");
    }
    if (!parser->keeps)
        hang_up();
}

int main(int count, char **arguments)
{
    signal(SIGPIPE, SIG_IGN);
    loop = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = timer};
    epoll_ctl(loop, EPOLL_CTL_ADD, timer, &event);
    for (char **url = urls_of(count, arguments); *url; url++)
        if (get(*url) >= 400)
            die(ERROR, "the server says no");
    hang_up();
    return 0;
}
