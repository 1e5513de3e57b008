// SPDX-License-Identifier: MIT
/*
 * Tries: to read what other checks and attempts have in /tmp
 * Held by: box-mounts
 * Told: nothing
 */
#include "hostile.h"

#include <dirent.h>

// Its own /tmp holds nothing but files/.
static void attack(void)
{
    DIR *all = opendir("/tmp");
    for (struct dirent *entry; all != NULL && (entry = readdir(all)) != NULL;)
        if (strncmp(entry->d_name, "lab-", 4) == 0)
            through(entry->d_name);
    if (all != NULL)
        closedir(all);
}
