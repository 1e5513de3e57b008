// SPDX-License-Identifier: MIT
/*
 * Sends back what it gets, a thread for each client, and ends with 0 when it is told to; or does
 * one of these otherwise, as MODE says.
 */
#include <pthread.h>
#include <sys/resource.h>

#include "start.h"

static void end_well(int number)
{
    _exit(0);
}

static void end_with_3(int number)
{
    _exit(3);
}

static void send_all(int client, const char *bytes, size_t length)
{
    ssize_t sent;
    for (; length > 0 && (sent = send(client, bytes, length, MSG_NOSIGNAL)) > 0; bytes += sent)
        length -= (size_t)sent;
}

static void echo(int client)
{
    char bytes[4096];
    ssize_t count;
    while ((count = recv(client, bytes, sizeof bytes, 0)) > 0)
        send_all(client, bytes, (size_t)count);
}

// Answers each recv() with its result.
static void tell_sizes(int client)
{
    char bytes[4096], text[32];
    ssize_t count;
    while ((count = recv(client, bytes, sizeof bytes, 0)) > 0)
        send_all(client, text, (size_t)sprintf(text, "%zd\n", count));
}

static void tell_limit(int client)
{
    struct rlimit limit;
    char text[32];
    getrlimit(RLIMIT_NOFILE, &limit);
    send_all(client, text, (size_t)sprintf(text, "%lu\n", (unsigned long)limit.rlim_cur));
}

// Reads a line, works for a while, and leaves a file when that is done.
static void work(int client)
{
    char bytes[4096];
    recv(client, bytes, sizeof bytes, 0);
    for (volatile int i = 0; i < 5 * 1000 * 1000; i++)
        continue;
    char path[4096];
    snprintf(path, sizeof path, "%s/done", getenv("FILES_DIR"));
    fclose(fopen(path, "w"));
    pause();
}

static void hold(int client)
{
    for (;;)
        pause();
}

static void close_at_once(int client)
{
}

static void *leak;

// Nobody has the address any more when the program ends.
static void leak_and_end(int number)
{
    leak = malloc(25);
    leak = NULL;
    exit(0);
}

// A child that nobody tells anything has the connection.
static void hold_in_child(int client)
{
    signal(SIGTERM, end_well);
    if (fork() == 0) {
        signal(SIGTERM, SIG_IGN);
        hold(client);
    }
}

static const struct mode {
    const char *name;
    void (*serve)(int client);
    void (*at_end)(int number); // NULL: none is set
    bool alone;                 // in the main thread, one client after the other
} modes[] = {
    {"right", echo, end_well},
    {"serial", echo, end_well, true},
    {"sizes", tell_sizes, end_well},
    {"limit", tell_limit, end_well},
    {"works", work, end_well},
    {"deaf", hold, end_well},
    {"closes", close_at_once, end_well},
    {"status", echo, end_with_3},
    {"signal", echo, NULL},
    {"ignores", echo, SIG_IGN},
    {"leaks", echo, leak_and_end},
    {"orphan", hold_in_child, end_well, true},
};

static const struct mode *mode = modes;

static void *serve(void *client)
{
    mode->serve((int)(intptr_t)client);
    close((int)(intptr_t)client);
    return NULL;
}

int main(void)
{
    const char *name = getenv("MODE");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (name != NULL && strcmp(modes[i].name, name) == 0)
            mode = &modes[i];
    if (mode->at_end != NULL)
        signal(SIGTERM, mode->at_end);
    int listener = listen_here();
    for (;;) {
        int client = accept(listener, NULL, NULL);
        pthread_t thread;
        if (mode->alone)
            serve((void *)(intptr_t)client);
        else if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)client) == 0)
            pthread_detach(thread);
    }
}
