// SPDX-License-Identifier: MIT
/*
 * Answers each line, but only after it has slept for longer than the kit watches a program that
 * nothing can wake: in each way in which a clock can wake a program. None of these is stuck.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include "start.h"

#define LATER_MS 700

static const struct timespec later = {.tv_nsec = LATER_MS * 1000000L};
static const struct timeval later_too = {.tv_usec = LATER_MS * 1000L};
static int silent[2]; // a pipe on which nothing ever comes

static void nothing(int number)
{
    (void)number;
}

static void by_sleep(void)
{
    nanosleep(&later, NULL);
}

static void by_poll(void)
{
    poll(&(struct pollfd){silent[0], POLLIN, 0}, 1, LATER_MS);
}

static void by_select(void)
{
    struct timeval limit = later_too;
    select(0, NULL, NULL, NULL, &limit);
}

static void by_epoll(void)
{
    struct epoll_event event;
    epoll_wait(epoll_create1(0), &event, 1, LATER_MS);
}

static void by_alarm(void)
{
    signal(SIGALRM, nothing);
    ualarm(LATER_MS * 1000, 0);
    pause();
}

static void by_awaited_alarm(void)
{
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    ualarm(LATER_MS * 1000, 0);
    sigwait(&set, &number);
}

static void by_timer(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;
    signal(SIGUSR1, nothing);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &(struct itimerspec){.it_value = later}, NULL);
    pause();
    timer_delete(timer);
}

static void by_timerfd(void)
{
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(timer, 0, &(struct itimerspec){.it_value = later}, NULL);
    struct epoll_event event = {.events = EPOLLIN};
    int queue = epoll_create1(0);
    epoll_ctl(queue, EPOLL_CTL_ADD, timer, &event);
    epoll_wait(queue, &event, 1, -1);
}

static void by_receive_limit(void)
{
    int ends[2];
    char byte;
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &later_too, sizeof later_too);
    recv(ends[0], &byte, 1, 0);
}

static void by_signal_limit(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigtimedwait(&set, NULL, &later);
}

static void by_condition(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += later.tv_nsec;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&lock);
    while (pthread_cond_timedwait(&condition, &lock, &until) == 0)
        continue;
}

static void *sleep_in_thread(void *unused)
{
    by_sleep();
    return unused;
}

static void by_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, sleep_in_thread, NULL);
    pthread_join(thread, NULL);
}

static void by_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        by_sleep();
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

// A child between vfork and exec: its parent does not count as sleeping, for the kernel.
static void by_vfork(void)
{
    pid_t child = vfork();
    if (child == 0) {
        nanosleep(&later, NULL);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void by_many_naps(void)
{
    for (int i = 0; i < LATER_MS; i++)
        usleep(1000);
}

static void *naps_once(void *unused)
{
    usleep(10000);
    return unused;
}

// One helper after the other: no two looks show the same threads.
static void by_helpers(void)
{
    for (int i = 0; i < LATER_MS / 10; i++) {
        pthread_t helper;
        pthread_create(&helper, NULL, naps_once, NULL);
        pthread_join(helper, NULL);
    }
}

static const struct {
    const char *name;
    void (*wait)(void);
} ways[] = {
    {"sleep", by_sleep},
    {"poll", by_poll},
    {"select", by_select},
    {"epoll", by_epoll},
    {"alarm", by_alarm},
    {"awaited_alarm", by_awaited_alarm},
    {"timer", by_timer},
    {"timerfd", by_timerfd},
    {"receive_limit", by_receive_limit},
    {"signal_limit", by_signal_limit},
    {"condition", by_condition},
    {"thread", by_thread},
    {"child", by_child},
    {"vfork", by_vfork},
    {"naps", by_many_naps},
    {"helpers", by_helpers},
};

int main(void)
{
    pipe(silent);
    int listener = listen_here();
    for (;;) {
        int client = accept(listener, NULL, NULL);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
            if (strcmp(ways[i].name, getenv("MODE")) == 0)
                ways[i].wait();
        answer(client);
    }
}
