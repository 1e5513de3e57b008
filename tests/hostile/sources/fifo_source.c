// SPDX-License-Identifier: MIT
/*
 * Tries: a source that is a FIFO, which nobody ever writes to
 * Held by: construction
 * Told: is no regular file
 * Points: none
 * Setup: mkfifo pipe.h
 * Kind: source
 */
#include "hostile.h"
#include "pipe.h"

static void attack(void)
{
}
