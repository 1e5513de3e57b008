// SPDX-License-Identifier: MIT
/*
 * Tries: to find out by __has_include which files there are
 * Held by: box-mounts
 * Told: nothing
 * Kind: source
 */
#include "hostile.h"

static void attack(void)
{
#if __has_include(SECRET_HEADER)
    through("the file is there");
#else
    errno = ENOENT;
    held("__has_include");
#endif
}
