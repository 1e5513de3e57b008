// SPDX-License-Identifier: MIT
// Answers a line, or not, and comes to an end: it crashes, leaks, exits, ignores SIGTERM.
#include <limits.h>
#include <sys/wait.h>

#include "start.h"

static int client;
static volatile sig_atomic_t told;

static void pong(void)
{
    send(client, "pong\n", 5, MSG_NOSIGNAL);
}

static void overflow(void)
{
    volatile char *block = malloc(5);
    block[5] = 1;
}

static void overflow_after_the_answer(void)
{
    pong();
    overflow();
}

static void overflow_in_child(void)
{
    if (fork() == 0)
        overflow();
    wait(NULL);
    pong();
    for (;;)
        pause();
}

static void null_pointer(void)
{
    *(volatile char *)getenv("NO_SUCH_VARIABLE") = 1;
}

static void undefined(void)
{
    volatile int most = INT_MAX;
    most = most + 1;
}

static void abort_itself(void)
{
    abort();
}

static void exit_with_4(void)
{
    exit(4);
}

static void answer_and_exit(void)
{
    pong();
    exit(0);
}

static void broken_pipe(void)
{
    int ends[2];
    pipe(ends);
    close(ends[0]);
    write(ends[1], "x", 1);
}

static void wrong_answer(void)
{
    send(client, "pang\n", 5, MSG_NOSIGNAL);
    for (;;)
        pause();
}

static void wrong_answer_and_end_of_input(void)
{
    char more[64];
    send(client, "pang\n", 5, MSG_NOSIGNAL);
    while (recv(client, more, sizeof more, 0) > 0)
        continue;
    exit(7);
}

static void note_end(int number)
{
    (void)number;
    told = 1;
}

static void await_end(void)
{
    while (!told)
        pause();
}

static void leak_at_the_end(void)
{
    signal(SIGTERM, note_end);
    volatile char *block = malloc(25);
    block = NULL;
    listen_here();
    await_end();
    exit(0);
}

static void end_well(void)
{
    signal(SIGTERM, note_end);
    listen_here();
    await_end();
    exit(0);
}

static void ignore_end(void)
{
    signal(SIGTERM, SIG_IGN);
    answer_all(listen_here());
}

static const struct {
    const char *name;
    void (*before)(void);
    void (*end)(void);
} ways[] = {
    {"overflow", NULL, overflow},
    {"overflow_at_once", overflow, NULL},
    {"overflow_after_the_answer", NULL, overflow_after_the_answer},
    {"overflow_in_child", NULL, overflow_in_child},
    {"null_pointer", NULL, null_pointer},
    {"undefined", NULL, undefined},
    {"abort", NULL, abort_itself},
    {"exit", NULL, exit_with_4},
    {"answer_and_exit", NULL, answer_and_exit},
    {"broken_pipe", NULL, broken_pipe},
    {"wrong_answer", NULL, wrong_answer},
    {"wrong_answer_and_end_of_input", NULL, wrong_answer_and_end_of_input},
    {"leak", leak_at_the_end, NULL},
    {"well", end_well, NULL},
    {"ignore", ignore_end, NULL},
};

int main(void)
{
    char line[64];
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(ways[i].name, getenv("MODE")) != 0)
            continue;
        if (ways[i].before != NULL)
            ways[i].before();
        client = accept(listen_here(), NULL, NULL);
        read(client, line, sizeof line);
        ways[i].end();
    }
    return 0;
}
