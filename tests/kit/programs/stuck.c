// SPDX-License-Identifier: MIT
/*
 * Listens, takes a connection, and then never answers: in each way in which a program can hang.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "start.h"

static int listener;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void in_read(void)
{
    char bytes[64];
    int client = accept(listener, NULL, NULL);
    for (;;)
        read(client, bytes, sizeof bytes); // takes the line, waits for more
}

static void in_pause(void)
{
    pause(); // the connection waits to be accepted
}

static void in_epoll(void)
{
    struct epoll_event event;
    accept(listener, NULL, NULL);
    epoll_wait(epoll_create1(0), &event, 1, -1);
}

static void in_poll(void)
{
    accept(listener, NULL, NULL);
    poll(NULL, 0, -1);
}

static void *take_lock(void *unused)
{
    pthread_mutex_lock(&lock);
    return unused;
}

static void in_lock(void)
{
    accept(listener, NULL, NULL);
    pthread_t threads[3];
    pthread_mutex_lock(&lock);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, take_lock, NULL);
    pthread_join(threads[0], NULL);
}

static void in_child(void)
{
    if (fork() == 0)
        in_read();
    wait(NULL);
}

static void in_loop(void)
{
    accept(listener, NULL, NULL);
    for (volatile unsigned i = 0;; i++)
        continue;
}

static void in_two_loops(void)
{
    if (fork() == 0)
        in_loop();
    in_loop();
}

static void in_sleep(void)
{
    accept(listener, NULL, NULL);
    sleep(3600);
}

static void in_naps(void)
{
    accept(listener, NULL, NULL);
    for (;;)
        usleep(1000);
}

static void in_alarms(void)
{
    accept(listener, NULL, NULL);
    signal(SIGALRM, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pause();
}

static void *naps_once(void *unused)
{
    usleep(20000);
    return unused;
}

// Always asleep, and at no two looks the same threads.
static void in_short_lives(void)
{
    accept(listener, NULL, NULL);
    for (;;) {
        pthread_t thread;
        pthread_create(&thread, NULL, naps_once, NULL);
        if (fork() == 0) {
            naps_once(NULL);
            _exit(0);
        }
        pthread_join(thread, NULL);
        wait(NULL);
    }
}

static void in_stop(void)
{
    accept(listener, NULL, NULL);
    raise(SIGSTOP);
}

// Never reads; what it sends into a full connection goes nowhere.
static void in_write(void)
{
    static char bytes[1 << 20];
    int client = accept(listener, NULL, NULL);
    for (;;)
        send(client, bytes, sizeof bytes, MSG_NOSIGNAL);
}

static const struct {
    const char *name;
    void (*hang)(void);
} ways[] = {
    {"read", in_read},     {"pause", in_pause},
    {"epoll", in_epoll},   {"poll", in_poll},
    {"lock", in_lock},     {"child", in_child},
    {"loop", in_loop},     {"two_loops", in_two_loops},
    {"sleep", in_sleep},   {"naps", in_naps},
    {"alarms", in_alarms}, {"stop", in_stop},
    {"write", in_write},   {"short_lives", in_short_lives},
};

int main(void)
{
    listener = listen_here();
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, getenv("MODE")) == 0)
            ways[i].hang();
    return 7;
}
