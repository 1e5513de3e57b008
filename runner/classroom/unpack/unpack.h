// SPDX-License-Identifier: MIT
/*
 * What is in an archive that somebody handed in: the part that reads it. It runs in a box
 * (main.c), because an archive can be made up by anybody and libarchive reads many formats.
 *
 * What it says is a sequence of
 *
 *     file NAME-LENGTH LENGTH\n NAME BYTES        a source
 *     end\n                                       that was all, or
 *     refused LENGTH\n MESSAGE                    why nothing of it is taken
 *
 * An archive is read whole or refused: one that is damaged behind its first file must not be graded
 * by that file.
 */
#ifndef LAB_UNPACK_H
#define LAB_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum {
    UNPACK_MEMBERS = 10000,
    UNPACK_NAME = 1024,          // bytes of a name
    UNPACK_DEPTH = 32,           // folders inside each other
    UNPACK_ARCHIVE = 64 << 20,   // bytes of the archive
    UNPACK_UNPACKED = 256 << 20, // bytes of all members
    UNPACK_RATIO = 200,          // of these two, above a megabyte
    UNPACK_KEPT = 16 << 20,      // bytes of sources
    UNPACK_OUTPUT = (16 << 20) + (UNPACK_MEMBERS * (UNPACK_NAME + 64)),
};

// Whether a build may read a file of this name: *.c, *.h, what `wanted` lists, and the marks of
// folders that belong to somebody else (CMakeCache.txt, .lab/workspace.json).
bool unpack_keeps(const char *name, const struct strings *wanted);
// A relative name without "..", empty parts and control characters.
bool unpack_name_is_safe(const char *name);
// Appends what is in the archive. `wanted`: names that a build reads beside *.c and *.h.
void unpack(const void *bytes, size_t length, const struct strings *wanted, struct str *out);

#endif
