// SPDX-License-Identifier: MIT
// bubblewrap's command line with mechanisms left out.
#ifndef LAB_WITHOUT_BUBBLEWRAP_H
#define LAB_WITHOUT_BUBBLEWRAP_H

#include "base/str.h"

// Appends the command line argv without what HOSTILE_WITHOUT leaves out.
void bubblewrap_without(const char *const *argv, struct strings *out);

#endif
