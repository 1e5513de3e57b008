// SPDX-License-Identifier: MIT
/*
 * Tries: calls by the numbers of another architecture, which mean something else
 * Held by: filter-numbers
 * Told: SIGSYS
 * Points: 0
 */
#include "hostile.h"

static void attack(void)
{
    int result = -ENOSYS;
#ifdef __x86_64__
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory"); // getpid of i386
#endif
    errno = -result;
    tried("getpid of i386", result);
}
