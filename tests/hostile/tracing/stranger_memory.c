// SPDX-License-Identifier: MIT
/*
 * Tries: to read the memory of a process outside
 * Held by: user cell-user box-user cell-processes box-proc
 * Told: nothing
 * As: root
 */
#include "hostile.h"

static void attack(void)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)0x1000, 1};
    if (process_vm_readv(PROCESS_OUTSIDE, &here, 1, &there, 1, 0) < 0 && errno != EFAULT)
        held("process_vm_readv");
    else
        through("process_vm_readv");
}
