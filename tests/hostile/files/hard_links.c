// SPDX-License-Identifier: MIT
/*
 * Tries: to give files of others a second name in its scratch folder, where the grader reads and it
 *   may write
 * Held by: construction
 * Told: nothing
 */
#include "hostile.h"

static void try_link(const char *path, int flags)
{
    unlink("/tmp/second");
    tried(path, linkat(AT_FDCWD, path, AT_FDCWD, "/tmp/second", flags));
}

static void attack(void)
{
    char path[64];
    try_link("/program", 0);
    try_link("/usr/bin/env", 0);
    try_link("/etc/passwd", 0);
    try_link(HOME_FOLDER "/secret", 0);
    try_link("/proc/self/exe", AT_SYMLINK_FOLLOW);
    try_link("/proc/1/exe", AT_SYMLINK_FOLLOW);
    // Of an open file too, that has no name here.
    snprintf(path, sizeof path, "/proc/self/fd/%d", open("/usr/bin/env", O_RDONLY));
    try_link(path, AT_SYMLINK_FOLLOW);
}
