// SPDX-License-Identifier: 0BSD
// A server that does what the lab asks and attacks nothing.
#include "hostile.h"

static void attack(void)
{
}
