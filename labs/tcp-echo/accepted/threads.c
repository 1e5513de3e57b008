// SPDX-License-Identifier: MIT
// Right and of another kind: a thread for each client, blocking calls through stdio's descriptors,
// one byte too many of caution; a thread of its own waits for SIGTERM.
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int busy; // clients that are owed bytes
static int stopping;

static int set_busy(int step)
{
    pthread_mutex_lock(&lock);
    int may = !stopping || step < 0;
    busy += may ? step : 0;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    return may;
}

static void *echo(void *argument)
{
    int fd = (int)(intptr_t)argument;
    char data[60000];
    int going = 1;
    while (going) {
        struct pollfd input = {fd, POLLIN, 0};
        if (poll(&input, 1, -1) < 0)
            continue;
        if (!set_busy(1))
            break;
        ssize_t got = recv(fd, data, sizeof data, 0);
        going = got > 0;
        for (ssize_t done = 0; going && done < got;) {
            ssize_t sent = send(fd, data + done, (size_t)(got - done), MSG_NOSIGNAL);
            going = sent > 0;
            done += sent;
        }
        set_busy(-1);
    }
    close(fd);
    return NULL;
}

static void *wait_for_the_end(void *argument)
{
    int number;
    sigwait(argument, &number);
    pthread_mutex_lock(&lock);
    stopping = 1;
    while (busy > 0)
        pthread_cond_wait(&changed, &lock);
    _exit(0);
}

static void start(void *(*function)(void *), void *argument)
{
    pthread_t thread;
    pthread_attr_t how;
    pthread_attr_init(&how);
    pthread_attr_setstacksize(&how, 256 * 1024);
    pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &how, function, argument) != 0)
        abort();
    pthread_attr_destroy(&how);
}

int main(void)
{
    static sigset_t term;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
    address.sin6_port = htons((in_port_t)strtol(getenv("PORT"), NULL, 10));
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, NULL);
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 128) != 0)
        return 1;
    start(wait_for_the_end, &term);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            start(echo, (void *)(intptr_t)fd);
        else if (errno == EMFILE)
            poll(NULL, 0, 5); // one will get free
    }
}
