// SPDX-License-Identifier: MIT
// A process for each URL, and poll() before each read().
// Differs: reuse/two_urls_share_a_connection -- a process has its own connection
// Differs: reuse/connection_is_kept_behind_chunks -- a process has its own connection
// Differs: reuse/redirect_to_the_same_host_keeps_the_connection -- one request a connection
// Differs: reuse/request_that_gets_no_answer_is_sent_again -- its connections are all new
#include "common/client.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

static void wait_for(int fd, short what, int milliseconds)
{
    struct pollfd item = {.fd = fd, .events = what};
    if (poll(&item, 1, milliseconds) == 0)
        die(LATE, "too late");
}

static int dial(const struct url *url)
{
    struct addrinfo *list = addresses_of(url);
    int fd = -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        int error = 0;
        socklen_t size = sizeof error;
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (connect(fd, a->ai_addr, a->ai_addrlen) != 0 && errno == EINPROGRESS)
            wait_for(fd, POLLOUT, setting("CONNECT_TIMEOUT_MS"));
        else
            error = errno;
        if (error == 0)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) {
            close(fd);
            fd = -1;
        }
        errno = 0;
    }
    freeaddrinfo(list);
    if (fd < 0)
        die(REFUSED, "nobody there");
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

static void ask(const struct url *url, const char *request, struct parser *parser)
{
    char piece[1000];
    errno = 0;
    int fd = dial(url);
    send(fd, request, strlen(request), MSG_NOSIGNAL);
    while (parser->state != DONE) {
        wait_for(fd, POLLIN, setting("REQUEST_TIMEOUT_MS"));
        ssize_t count = read(fd, piece, sizeof piece);
        if (count > 0)
            parser_feed(parser, piece, (size_t)count);
        else
            parser_end(parser, count < 0);
    }
    close(fd);
}

int main(int count, char **arguments)
{
    for (char **url = urls_of(count, arguments); *url; url++) {
        pid_t child = fork();
        int status;
        if (child == 0) {
            if (get(*url) >= 400)
                die(ERROR, "the server says no");
            exit(0);
        }
        if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
            abort();
        if (WEXITSTATUS(status) != 0)
            return WEXITSTATUS(status);
    }
    return 0;
}
