// SPDX-License-Identifier: MIT
/*
 * Tries: memory in sockets that nobody reads
 * Held by: limit-descriptors
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    static char block[65536];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int count = 0, ends[2];
    for (; count < 600; count++) {
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
            break;
        while (write(ends[1], block, sizeof block) > 0)
            continue;
    }
    tried("600 pairs of sockets", count == 600 ? 0 : -1);
    syscall(SYS_close_range, 4U, ~0U, 0);
}
