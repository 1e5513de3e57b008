// SPDX-License-Identifier: MIT
// What differs between two states of the sources, as diff -u prints it.
#ifndef LAB_CHANGES_H
#define LAB_CHANGES_H

#include "base/err.h"
#include "base/str.h"
#include "build/build.h"

// Appends the changes from `old` to `now`, file by file; nothing when they are alike. `name` stands
// for the old state in the heads. Errors: ENV, when there is no diff.
bool changes_append(const struct sources *old, const struct sources *now, const char *name,
                    struct str *out, struct err *err);

#endif
