// SPDX-License-Identifier: MIT
/*
 * Tries: to see the recorder by its breakpoints: a trap that is its own, one in its code, its clock
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define OWN_MAIN
#define GREETING "hullo "
#include "hostile.h"

static volatile sig_atomic_t traps;

static void on_trap(int number)
{
    traps += number == SIGTRAP;
}

int main(void)
{
    int listener = listen_on(atoi(getenv("PORT")));
    signal(SIGTRAP, on_trap);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        __asm__ volatile("int3");
        raise(SIGTRAP);
        // The trap flag, by the program itself.
        __asm__ volatile("subq $128, %%rsp\n\tpushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tnop\n\t"
                         "pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq\n\taddq $128, %%rsp"
                         :
                         :
                         : "memory", "cc");
        for (volatile long i = 0; i < 3000 * 1000; i++)
            continue;
        if (traps == 0) {
            close(client);
            continue;
        }
        greet(client);
        close(client);
    }
}
