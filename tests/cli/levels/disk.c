// SPDX-License-Identifier: MIT
// Fills the disk, file by file. Open at:
#include "attack.h"

static void attack(void)
{
    static char block[1 << 20];
    const char *folder = getenv("TMPDIR");
    size_t whole = 0;
    for (int i = 0; i < 2000; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%d", folder, i);
        int file = open(path, O_WRONLY | O_CREAT, 0600);
        whole += file >= 0 && write(file, block, sizeof block) == (ssize_t)sizeof block;
        fsync(file);
        close(file);
    }
    if (whole == 2000)
        through("two gigabytes were written");
}
