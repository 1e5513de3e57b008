// SPDX-License-Identifier: MIT
/*
 * Tries: to be the tracer of its own processes, before the real one is
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define GREETING "hullo "
#include "hostile.h"

#include <sys/ptrace.h>

static void attack(void)
{
    pid_t asks = fork(), serves = fork();
    if (asks == 0 || serves == 0) {
        if (asks == 0)
            ptrace(PTRACE_TRACEME, 0, 0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    ptrace(PTRACE_SEIZE, serves, 0, PTRACE_O_EXITKILL);
    ptrace(PTRACE_ATTACH, getpid(), 0, 0);
    ptrace(PTRACE_TRACEME, 0, 0, 0); // by box-init
}
