// SPDX-License-Identifier: MIT
/*
 * The headings of hints: `### Hint 1` to `### Hint 3`, and `### Hint for CHECK OUTCOME`.
 */
#ifndef LAB_HINT_H
#define LAB_HINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "course/headings.h"

struct hint_heading {
    size_t number; // 1 to 3; 0 with a check
    char *check;   // C identifier, or NULL
    char *outcome; // "timeout", "crash", "mismatch", or NULL
};
#define HINT_HEADING_INIT                                                                          \
    {                                                                                              \
        0, NULL, NULL                                                                              \
    }

// Does the text begin with the word Hint, in whatever spelling?
bool hint_heading_is(const char *text);
// Takes such a heading apart. Anything but the two forms is an error of kind LAB with the line in
// the file `path` and the cure.
bool hint_heading_parse(const struct heading *heading, const char *path, struct hint_heading *out,
                        struct err *err);
void hint_heading_release(struct hint_heading *hint);

#endif
