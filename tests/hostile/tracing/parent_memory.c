// SPDX-License-Identifier: MIT
/*
 * Tries: to read the memory of PID 1
 * Held by: filter-init init-undumpable
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
    if (process_vm_readv(getppid(), &here, 1, &there, 1, 0) < 0 && errno == EPERM)
        held("process_vm_readv");
    else
        through("process_vm_readv");
}
