// SPDX-License-Identifier: MIT
/*
 * Tries: to fill what the tracer keeps with maps: long, many, executable, each another one
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define GREETING "hullo "
#include "hostile.h"

enum { ROUNDS = 300, MAPPINGS = 1200, NAME = 200 };

static void attack(void)
{
    char name[NAME + 1];
    memset(name, 'm', NAME);
    name[NAME] = '\0';
    int file = open(name, O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, 2 * 4096) < 0)
        return;
    // Alternately readable and not, so that none is one with its neighbour.
    for (int i = 0; i < MAPPINGS; i++)
        mmap(NULL, 4096, i % 2 == 0 ? PROT_READ : PROT_NONE, MAP_PRIVATE, file, 0);
    for (int i = 0; i < ROUNDS; i++) {
        mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, i % 2 == 0 ? 0 : 4096);
        syscall(SYS_write, -1, "", 0);
    }
    for (size_t size = MIB; size != 0; size *= 2)
        mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    close(file);
}
