// SPDX-License-Identifier: MIT
// Right and of another kind: a process for each client, blocking calls, a small buffer. SIGTERM
// ends the clients' processes once they have sent what they had read.
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void on_sigterm(int number)
{
    (void)number;
    stopping = 1;
}

static void echo(int fd)
{
    char data[777];
    ssize_t count = 0;
    while (!stopping && (count = recv(fd, data, sizeof data, 0)) != 0) {
        if (count < 0 && errno != EINTR)
            return;
        for (ssize_t done = 0; done < count;) {
            ssize_t sent = send(fd, data + done, (size_t)(count - done), MSG_NOSIGNAL);
            if (sent < 0 && errno != EINTR)
                return;
            done += sent > 0 ? sent : 0;
        }
    }
}

int main(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons((uint16_t)atoi(getenv("PORT")))};
    struct sigaction stop = {.sa_handler = on_sigterm}; // without SA_RESTART: calls end with EINTR
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigaction(SIGTERM, &stop, NULL);
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 1024) != 0)
        return 1;
    while (!stopping) {
        int fd = accept(listener, NULL, NULL);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
        if (fd < 0)
            continue;
        if (fork() == 0) {
            close(listener);
            echo(fd);
            exit(0);
        }
        close(fd);
    }
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    while (wait(NULL) > 0)
        continue;
    return 0;
}
