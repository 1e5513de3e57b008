// SPDX-License-Identifier: MIT
/*
 * Programs that were built before, in $XDG_CACHE_HOME/lab/build/<key>/. A cache that cannot be read
 * or written is no error: the build goes on without. An entry appears whole, by a rename, and goes
 * whole; the least recently used ones go when all take more than 200 MiB. A path that is NULL
 * stands for a program that an entry does not have.
 */
#ifndef LAB_CACHE_H
#define LAB_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "build/build.h"

#define CACHE_BYTES ((uint64_t)200 * 1024 * 1024)

// Copies an entry's programs to the paths and appends the messages that its compilation gave.
// False, and nothing is left at the paths, when there is no such entry or it cannot be used.
bool cache_load(const char *key, char *const programs[BUILD_VARIANTS], struct str *messages);
// Makes an entry of the programs at the paths, then removes old entries beyond `most` bytes.
void cache_store(const char *key, char *const programs[BUILD_VARIANTS], const struct str *messages,
                 uint64_t most);

#endif
