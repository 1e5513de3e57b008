// SPDX-License-Identifier: MIT
// The command line of bubblewrap: what the box looks like inside. Only box.c uses it.
#ifndef LAB_BUBBLEWRAP_H
#define LAB_BUBBLEWRAP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "box/box.h"

// The small files that are made up for a box, in the order of their descriptors (INIT_FILES up).
#define BUBBLEWRAP_FILES 4

// Opens their contents (memory, close-on-exec); the caller closes them. ENV.
bool bubblewrap_files(const struct process_user *user, int out[BUBBLEWRAP_FILES], struct err *err);
// Appends the whole command line, from "bwrap" to box-init.
void bubblewrap_arguments(const struct box_options *options, struct strings *out);
// A new file in memory, close-on-exec; -1 and err (ENV).
int bubblewrap_memory(const char *name, struct err *err);

#endif
