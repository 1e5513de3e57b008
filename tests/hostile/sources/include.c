// SPDX-License-Identifier: MIT
/*
 * Tries: to include a file of the home folder
 * Held by: box-mounts
 * Told: secret.h: No such file or directory
 * Points: 0
 * Kind: source
 */
#include "hostile.h"

// #include takes one string: the path is made by the preprocessor.
static const char text[] =
#include SECRET_HEADER
    ;

static void attack(void)
{
    dprintf(2, "%s\n", text);
}
