// SPDX-License-Identifier: MIT
// Has the compiler read the lab's solution. Open at: none
#include "attack.h"

static void attack(void)
{
#if __has_include(SOLUTION)
    through("the compiler found the solution");
#endif
}
