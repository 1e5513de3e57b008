// SPDX-License-Identifier: MIT
// What the unpacker says (classroom/unpack/unpack.h), into a folder. Nothing it says is believed:
// it has read what a stranger has made.
#ifndef LAB_UNPACKED_H
#define LAB_UNPACKED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct unpacked_file {
    const char *name; // not ended by a NUL
    size_t name_length;
    const char *bytes;
    size_t length;
};

// Calls `take` for each file, names judged. *out_refused: why the archive is refused, the caller
// frees it; NULL: it is taken. False: what was said is no such sequence (ENV), or `take` said so.
bool unpacked_read(const char *bytes, size_t length,
                   bool (*taken)(void *context, const struct unpacked_file *file, struct err *err),
                   void *context, char **out_refused, struct err *err);
// Writes the files below a folder.
bool unpacked_write(const char *bytes, size_t length, const char *folder, char **out_refused,
                    struct err *err);

#endif
