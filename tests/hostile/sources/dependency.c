// SPDX-License-Identifier: MIT
/*
 * Tries: to find out by #pragma GCC dependency which files there are
 * Held by: box-mounts
 * Told: No such file
 * Points: 0
 * Setup: echo "#pragma GCC dependency \"$T/$user/home/secret\"" >dependency.h
 * Kind: source
 */
#include "hostile.h"

#include "dependency.h" // made with the path of a secret in it

static void attack(void)
{
    through("the file is there");
}
