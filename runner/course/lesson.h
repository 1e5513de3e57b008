// SPDX-License-Identifier: MIT
/*
 * The lesson: lesson.md in CommonMark, an introduction and one `## step-id` section a step, each
 * with `### Hint 1` to `### Hint 3` and optional `### Hint for CHECK timeout|crash|mismatch`.
 */
#ifndef LAB_LESSON_H
#define LAB_LESSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "course/course.h"

struct lesson_hint {
    char *check;   // C identifier of a check for "Hint for …", else NULL
    char *outcome; // "timeout", "crash", "mismatch"; NULL with a numbered hint
    char *text;    // CommonMark
    int line;      // of the heading in lesson.md
};

struct lesson_section {
    char *step;  // step id
    char *title; // the step's title, from lab.json
    char *text;  // CommonMark, without hints
    int line;
    struct lesson_hint *hints; // numbered ones in their order, then the special ones
    size_t hint_count;
    size_t numbered; // how many are numbered
};

struct lesson {
    char *introduction;              // CommonMark
    struct lesson_section *sections; // in the lab's order
    size_t count;
};

// Reads <lab>/lesson.md. A step without its section, a section without its step, a doubled or a
// misordered one is an error of kind LAB with file, line and cure.
bool lesson_load(const struct lab *lab, struct lesson *out, struct err *err);
void lesson_release(struct lesson *lesson);

#endif
