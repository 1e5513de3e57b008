// SPDX-License-Identifier: MIT
/*
 * Tries: to drown the tracer's stops in its own: SIGSTOP, SIGTRAP, int3
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define GREETING "hullo "
#include "hostile.h"

static volatile sig_atomic_t traps;

static void on_trap(int number)
{
    traps += number == SIGTRAP;
}

static void attack(void)
{
    enum { SIGNALS = 500, STOPS = 50 };
    pid_t parent = getpid();
    signal(SIGTRAP, on_trap);
    for (int i = 0; i < SIGNALS; i++) {
        raise(SIGTRAP);
        __asm__ volatile("int3");
    }
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < STOPS; i++) {
            kill(parent, SIGSTOP);
            kill(parent, SIGCONT);
        }
        _exit(0);
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (traps < 2 * SIGNALS) // a trap that the tracer took for its own
        exit(3);
}
