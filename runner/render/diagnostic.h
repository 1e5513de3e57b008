// SPDX-License-Identifier: MIT
/*
 * What the messages of the compiler and the linker mean, in one sentence for somebody who meets
 * them for the first time. The message itself is never altered: it can be searched for.
 */
#ifndef LAB_RENDER_DIAGNOSTIC_H
#define LAB_RENDER_DIAGNOSTIC_H

#include <stdbool.h>
#include <stddef.h>

#include "build/build.h"

// The sentence for diagnostics[index], whose notes follow it; NULL for a message that is not known.
// The caller frees it.
char *diagnostic_help(const struct build_diagnostic *diagnostics, size_t count, size_t index);

// Names that a header declares and that gcc 12 does not know the header of (it does for the C
// standard's own). POSIX.1-2017, System Interfaces and Headers; glibc for those that need
// _GNU_SOURCE.
struct header_names {
    const char *header;  // "unistd.h"
    const char *names;   // functions, types, constants; a blank before and behind each
    const char *structs; // tags of structs, likewise
};
extern const struct header_names header_names[]; // the last has no header
// Functions of glibc that #define _GNU_SOURCE makes known; a blank before and behind each.
extern const char gnu_names[];

// The header that declares a name or, with "struct " in front, a struct; NULL: not known.
const char *header_of(const char *name);
// Whether _GNU_SOURCE makes it known.
bool is_gnu_name(const char *name);

#endif
