// SPDX-License-Identifier: MIT
// Leaves a process that has cut all ties and hears no signal. The test sees what is left. Open at:
#include "attack.h"

static void attack(void)
{
    if (fork() != 0)
        return;
    setsid();
    setpgid(0, 0);
    if (fork() != 0)
        _exit(0);
    setsid();
    for (int number = 1; number < 32; number++)
        signal(number, SIG_IGN);
    for (;;)
        pause();
}
