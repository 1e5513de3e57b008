// SPDX-License-Identifier: MIT
// Wrong programs made from an edited folder: the difference to the solution, as a patch.
#ifndef LAB_WRONG_H
#define LAB_WRONG_H

#include <stdbool.h>

#include "base/err.h"
#include "course/course.h"

// The patch that makes the lab's solution into what lies in a folder, without its head. USAGE, with
// files and lines: nothing differs, more than one file does, a file is missing or is none of the
// solution's, or it is not one hunk of at most five lines.
char *wrong_difference(const struct lab *lab, const char *folder, struct err *err);

#endif
