// SPDX-License-Identifier: MIT
// Ends whatever it may: its grader, lab, the caller's editor. Open at: none
#include "attack.h"

static void end(pid_t pid)
{
    if (kill(pid, 0) == 0)
        through("a process outside can be signalled");
}

static void attack(void)
{
    each_process(end);
    if (kill(-1, 0) == 0 && getpid() > 100)
        through("all processes can be signalled");
}
