// SPDX-License-Identifier: MIT
/*
 * Tries: to change its own code and to jump into instructions while each is recorded
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define OWN_MAIN
#define GREETING "hullo "
#include "hostile.h"

// The second half of an instruction is another one: b8 is mov, its constant is nop, nop, inc, ret.
static int into_the_middle(void)
{
    int result;
    __asm__ volatile("xorl %%eax, %%eax\n\tcall 1f+1\n\tjmp 2f\n"
                     "1:\t.byte 0xb8, 0x90, 0x90, 0x90, 0xff, 0xc0, 0xc3\n2:"
                     : "=a"(result)
                     :
                     : "memory", "cc");
    return result;
}

// Writes the instruction that comes next.
static int changes_itself(int wanted)
{
    unsigned char *page = (unsigned char *)((uintptr_t)&changes_itself & ~(uintptr_t)4095);
    if (mprotect(page, 2 * 4096, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
        return wanted;
    int result;
    __asm__ volatile("movl %1, 1f+1(%%rip)\n\tjmp 1f\n1:\tmovl $0x12345678, %%eax"
                     : "=a"(result)
                     : "r"(wanted)
                     : "memory");
    return result;
}

int main(void)
{
    int listener = listen_on(atoi(getenv("PORT")));
    for (;;) {
        int client = accept(listener, NULL, NULL);
        for (int i = 0; i < 100; i++)
            if (into_the_middle() != 1 || changes_itself(i) != i)
                exit(3); // it runs in another way than a processor does
        greet(client);
        close(client);
    }
}
