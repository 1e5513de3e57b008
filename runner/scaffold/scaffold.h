// SPDX-License-Identifier: MIT
/*
 * A new lab, made of the templates (runner/scaffold/templates in the sources,
 * PREFIX/share/lab/templates where lab is installed): a whole lab of each kind that `lab validate`
 * passes as it is.
 */
#ifndef LAB_SCAFFOLD_H
#define LAB_SCAFFOLD_H

#include <stdbool.h>

#include "base/err.h"

struct scaffold {
    const char *course; // its root
    const char *id, *title, *stage, *kind;
    int order;
};

// Is this a lab's id, and this a title? No: USAGE with the cure.
bool scaffold_check_names(const char *id, const char *title, struct err *err);
// Makes the current folder a course, when nothing lies in it but hidden files, a README and a
// licence: labs/ with the roadmap's one stage, graders/, .gitignore. `built_in` is the course that
// the schema for editors is taken from. Else: USAGE.
bool scaffold_course(const char *built_in, const char *stage, const char *stage_title,
                     struct err *err);
// Writes labs/ID and graders/ID.c. Whole or not at all; what is there is never overwritten: USAGE.
bool scaffold_lab(const struct scaffold *scaffold, struct err *err);

#endif
