// SPDX-License-Identifier: MIT
/*
 * Tries: to change the program that later checks will run
 * Held by: box-read-only
 * Told: nothing
 */
#include "hostile.h"

static void attack(void)
{
    struct stat now;
    if (stat("/program", &now) == 0)
        tried("chmod", chmod("/program", now.st_mode | 0200));
    else
        held("stat");
}
