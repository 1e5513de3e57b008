// SPDX-License-Identifier: MIT
// Writes into a folder that everybody may write to. Open at: none
#include "attack.h"

static void attack(void)
{
    if (open(OPEN_FOLDER "/written", O_WRONLY | O_CREAT, 0600) >= 0)
        through("a file was made outside");
    if (mkdir(OPEN_FOLDER "/made", 0700) == 0 || rename("/tmp/files", OPEN_FOLDER "/moved") == 0)
        through("a folder was made outside");
}
