// SPDX-License-Identifier: MIT
/*
 * Tries: a source that is a symbolic link to a file of the home folder
 * Held by: source-links
 * Told: is a symbolic link, and lab does not follow links in sources
 * Points: none
 * Setup: ln -s "$T/$user/home/secret.h" linked.h
 * Kind: source
 */
#include "hostile.h"

static const char text[] =
#include "linked.h"
    ;

static void attack(void)
{
    dprintf(2, "%s\n", text);
}
