// SPDX-License-Identifier: MIT
/*
 * Tries: to find something of the host in its environment
 * Held by: environment-box environment-grader
 * Told: nothing
 */
#include "hostile.h"

extern char **environ;

static void attack(void)
{
    for (char **variable = environ; *variable != NULL; variable++)
        if (strncmp(*variable, "HOSTILE_TOKEN=", 14) == 0)
            dprintf(2, "%s\n", *variable);
}
