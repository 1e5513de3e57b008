// SPDX-License-Identifier: MIT
// A byte of a head with each recv(), time-outs of the socket itself, a connection for each request.
// Differs: reuse/two_urls_share_a_connection -- it asks for a close behind each answer
// Differs: reuse/connection_is_kept_behind_chunks -- it asks for a close behind each answer
// Differs: reuse/redirect_to_the_same_host_keeps_the_connection -- it asks for a close
// Differs: reuse/request_that_gets_no_answer_is_sent_again -- its connections are all new
#define EXTRA_FIELDS "Connection: close\r\n"
#include "common/client.h"
#include <sys/time.h>

static void set_time(int fd, int option, int milliseconds)
{
    struct timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
    setsockopt(fd, SOL_SOCKET, option, &time, sizeof time);
}

static int dial(const struct url *url)
{
    struct addrinfo *list = addresses_of(url);
    int fd = -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM, 0);
        set_time(fd, SO_SNDTIMEO, setting("CONNECT_TIMEOUT_MS"));
        set_time(fd, SO_RCVTIMEO, setting("REQUEST_TIMEOUT_MS"));
        if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    int error = errno;
    freeaddrinfo(list);
    if (fd < 0)
        die(error == EINPROGRESS ? LATE : REFUSED, "nobody there");
    return fd;
}

static void ask(const struct url *url, const char *request, struct parser *parser)
{
    static char bytes[3000];
    int fd = dial(url);
    for (; *request; request++)
        send(fd, request, 1, MSG_NOSIGNAL);
    while (parser->state != DONE) {
        // Heads, sizes and line ends byte by byte; bodies not, or 128 MiB would take a minute.
        bool is_line = parser->state != LENGTH && parser->state != CLOSE && parser->state != DATA;
        ssize_t count = recv(fd, bytes, is_line ? 1 : sizeof bytes, 0);
        if (count > 0)
            parser_feed(parser, bytes, (size_t)count);
        else if (count < 0 && errno == EAGAIN)
            die(LATE, "too late");
        else
            parser_end(parser, count < 0);
    }
    close(fd);
}

int main(int count, char **arguments)
{
    for (char **url = urls_of(count, arguments); *url; url++)
        if (get(*url) >= 400)
            die(ERROR, "the server says no");
    return 0;
}
