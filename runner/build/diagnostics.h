// SPDX-License-Identifier: MIT
/*
 * What gcc says, as data. diagnostics.c is the one place that knows gcc's
 * -fdiagnostics-format=json (gcc 12: an array for each source file, on one line of stderr), and
 * linker.c the one that knows the plain lines of the linker, the assembler and gcc's driver that
 * come between and after. tests/unit/gcc/ holds recorded samples.
 */
#ifndef LAB_DIAGNOSTICS_H
#define LAB_DIAGNOSTICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "build/build.h"

enum { DIAGNOSTICS_MOST = 100 }; // more are counted, not kept

struct diagnostics {
    struct build_diagnostic *items;
    size_t count;
    size_t errors; // of the kept ones
    size_t left_out;
    const char *limit; // which limit the text speaks of: "the compiler used up 2 GiB of memory"
};

// Reads a compilation's stderr, which may be cut off anywhere. Errors come first, each followed by
// its notes. Appends to *raw the same as text in gcc's own layout; `raw` may be NULL.
void diagnostics_read(const char *text, const struct sources *sources, struct diagnostics *out,
                      struct str *raw);
void diagnostics_release(struct diagnostics *diagnostics);

// Appends one, with its source line where the snapshot has it; one that is there already is left
// out. Returns it, or NULL when it was left out.
struct build_diagnostic *diagnostics_add(struct diagnostics *diagnostics,
                                         const struct sources *sources,
                                         const struct build_diagnostic *like);

// One line of plain text.
void linker_read_line(const char *line, const struct sources *sources,
                      struct diagnostics *diagnostics);

// Which limit a line of plain text speaks of, or NULL.
const char *linker_find_limit(const char *line);

#endif
