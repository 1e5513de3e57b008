// SPDX-License-Identifier: MIT
/*
 * Asking a program that the machine brings (gcc, pkg-config) a short question.
 */
#ifndef LAB_TOOL_H
#define LAB_TOOL_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

// Runs argv (NULL-terminated, argv[0] a path or a name in PATH) with LC_ALL=C and appends its first
// 64 KiB of stdout to *out, its last line break cut off. True when it exited with 0. False without
// err: it said no; false with err (ENV): it could not be started.
bool tool_ask(const char *const *argv, struct str *out, struct err *err);

#endif
