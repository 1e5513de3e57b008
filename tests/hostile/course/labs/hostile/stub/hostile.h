// SPDX-License-Identifier: MIT
/*
 * What every hostile program stands on: a server that does what the lab asks, and the words by
 * which an attack says whether it got through. A program defines attack(), which runs once the
 * server listens and before it answers, so that the check waits for it.
 *
 * where.h is made by tests/hostile/run: PORT_OUTSIDE, a port that somebody outside listens on;
 * PROCESS_OUTSIDE, a process outside; NAME_OUTSIDE, an abstract socket; FOLDER, where homes and the
 * course lie; HOME_FOLDER.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "where.h"

#define MIB ((size_t)1024 * 1024)
// As in lab.json.
enum { LIMIT_SECONDS = 1, LIMIT_MEMORY_MB = 64, LIMIT_PROCESSES = 16, LIMIT_FILES_MB = 16 };

// The words that tests/hostile/run looks for stand in no source as they are printed.
static inline void through(const char *what)
{
    dprintf(2, "attack: %s: %s\n", "through", what);
}

static inline void held(const char *what)
{
    dprintf(2, "attack: held: %s: %s\n", what, strerror(errno));
}

// A call that returns less than 0 when it is refused.
static inline bool tried(const char *what, long result)
{
    if (result >= 0)
        through(what);
    else
        held(what);
    return result >= 0;
}

// The file can be opened; its beginning is printed, and may hold the words itself.
static inline void tried_reading(const char *path)
{
    char text[512];
    int file = open(path, O_RDONLY);
    ssize_t length = file >= 0 ? read(file, text, sizeof text) : -1;
    if (tried(path, length) && write(2, text, (size_t)length) < 0)
        held("printing");
    if (file >= 0)
        close(file);
}

// The file can be opened for writing; nothing is written.
static inline void tried_writing(const char *path)
{
    int file = open(path, O_WRONLY | O_NOFOLLOW);
    tried(path, file);
    if (file >= 0)
        close(file);
}

// Asleep in sum for so long, however often signals come.
static inline void sleep_for(double seconds)
{
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

static inline double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// A program whose greeting is another one of as many letters fails, and is traced.
#ifndef GREETING
#define GREETING "hello "
#endif

static inline void greet(int client)
{
    char answer[256] = GREETING;
    size_t length = 6;
    do {
        ssize_t got = recv(client, answer + length, sizeof answer - length, 0);
        if (got <= 0)
            return;
        length += (size_t)got;
    } while (answer[length - 1] != '\n' && length < sizeof answer);
    send(client, answer, length, MSG_NOSIGNAL);
}

static inline int listen_on(int port)
{
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 8) < 0)
        return -1;
    return listener;
}

static inline void serve(int listener)
{
    for (;;) {
        int client = accept(listener, NULL, NULL);
        greet(client);
        close(client);
    }
}

#ifndef OWN_MAIN
static void attack(void);

int main(void)
{
    int listener = listen_on(atoi(getenv("PORT")));
    attack();
    serve(listener);
}
#endif

#endif
