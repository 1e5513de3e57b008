// SPDX-License-Identifier: MIT
// Fills the machine with processes. Open at:
#include "attack.h"

static void attack(void)
{
    int made = 0;
    for (; made < 1000; made++) {
        pid_t child = fork();
        if (child < 0)
            break;
        if (child == 0)
            for (;;)
                pause();
    }
    if (made == 1000)
        through("a thousand processes live");
}
