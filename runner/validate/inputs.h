// SPDX-License-Identifier: MIT
// What goes into a trial: patches applied, and whether two runs sent different bytes.
#ifndef LAB_INPUTS_H
#define LAB_INPUTS_H

#include <stdbool.h>

#include "base/err.h"
#include "grade/attempt.h"

// Applies the patch behind a descriptor in a folder, with no fuzz. *out_said is what patch said
// when it does not apply (the caller frees it), NULL when it did. False: patch cannot be run.
bool inputs_apply_patch(const char *folder, int patch, char **out_said, struct err *err);

// True when both runs of a check sent bytes and sent the same ones, ports apart, though the check
// did not say that its input is fixed.
bool inputs_alike(const struct check_result *first, const struct check_result *second);

#endif
