// SPDX-License-Identifier: MIT
// Reads the lab's solution. Open at: none
#include "attack.h"

static void attack(void)
{
    if (open(SOLUTION, O_RDONLY) >= 0)
        through("the solution was read");
    if (opendir(COURSE) != NULL)
        through("the course was listed");
}
