// SPDX-License-Identifier: MIT
/*
 * Tries: to leave the tracer no stack to read, or one that leads in circles
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define GREETING "hullo "
#include "hostile.h"

// A call with a stack pointer and a frame pointer that lead where we like.
static long call_on(uintptr_t stack, uintptr_t frame, long number)
{
    long result;
    __asm__ volatile(
        "movq %%rsp, %%r12\n\tmovq %%rbp, %%r13\n\tmovq %2, %%rsp\n\tmovq %3, %%rbp\n\t"
        "syscall\n\tmovq %%r12, %%rsp\n\tmovq %%r13, %%rbp"
        : "=a"(result)
        : "a"(number), "r"(stack), "r"(frame), "D"(-1L), "S"(0L), "d"(0L)
        : "rcx", "r11", "r12", "r13", "memory");
    return result;
}

static void attack(void)
{
    static const uintptr_t odd[] = {0,      1,          4095,       8,
                                    ~0UL,   ~7UL,       1UL << 63,  (1UL << 47) - 8,
                                    0x1000, ~0UL << 47, 0x7ffffff8, 0xffffffffff600000};
    unsigned char *pages =
        mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + 4096, 4096);
    uintptr_t circle[4];
    circle[0] = (uintptr_t)&circle[2];
    circle[2] = (uintptr_t)circle;
    circle[1] = circle[3] = (uintptr_t)attack;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        call_on(odd[i], odd[i], SYS_write);
        call_on((uintptr_t)pages + 4096 - 3, odd[i], SYS_read);
        call_on((uintptr_t)circle, (uintptr_t)circle, SYS_accept);
        call_on((uintptr_t)pages + 4096, (uintptr_t)circle, SYS_write);
    }
    munmap(pages, 16 * 4096);
}
