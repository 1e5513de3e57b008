// SPDX-License-Identifier: MIT
/*
 * Tries: calls that no filter sees, by io_uring
 * Held by: filter-doors
 * Told: nothing
 */
#include "hostile.h"

#include <linux/io_uring.h>

static void attack(void)
{
    struct io_uring_params parameters = {0};
    tried("io_uring_setup", syscall(SYS_io_uring_setup, 1, &parameters));
}
