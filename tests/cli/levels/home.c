// SPDX-License-Identifier: MIT
// Reads a private file of whoever called lab, and lists the home folder. Open at: none
#include "attack.h"

static void attack(void)
{
    if (open(SECRET, O_RDONLY) >= 0)
        through("a private file was read");
    if (opendir(OPEN_FOLDER) != NULL)
        through("a folder outside was listed");
}
