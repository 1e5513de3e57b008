// SPDX-License-Identifier: MIT
// A server that does what the lab asks and attacks nothing.
#include "hostile.h"

static void attack(void)
{
}

// attack: through: the solution was read
