// SPDX-License-Identifier: MIT
/*
 * Tries: to see the processes of others
 * Held by: box-proc
 * Told: nothing
 */
#include "hostile.h"

#include <dirent.h>

// All that a box has are PID 1 and itself.
static void attack(void)
{
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all != NULL && (entry = readdir(all)) != NULL;) {
        int pid = atoi(entry->d_name);
        if (pid > 0 && pid != 1 && pid != getpid())
            through(entry->d_name);
    }
    if (all != NULL)
        closedir(all);
}
