// SPDX-License-Identifier: MIT
/*
 * Where the bug of a wrong program lies: the lines that its patch changed, numbered as in the
 * patched file. So the line that a learner is shown can be measured against the one that is wrong.
 */
#ifndef LAB_BUG_H
#define LAB_BUG_H

#include <stdbool.h>
#include <stddef.h>

#include "build/build.h"

struct bug {
    char *file; // relative, "server.c"
    int *lines; // added lines; where lines were only taken out, their two neighbours
    size_t line_count;
};

// Reads a patch of one file; a text that is none gives a bug without lines.
struct bug bug_read(const char *patch);
void bug_release(struct bug *bug);

enum bug_distance { BUG_NONE, BUG_EXACT, BUG_WITHIN_3, BUG_WITHIN_10, BUG_ELSEWHERE };
enum { BUG_DISTANCES = BUG_ELSEWHERE + 1 };
// How far a reported line is from the nearest changed one. NULL or 0: none was reported.
enum bug_distance bug_distance(const struct bug *bug, const char *file, int line);
// "exact", "within_3", "within_10", "elsewhere", "none". Static.
const char *bug_distance_name(enum bug_distance distance);

// Is the bug in a function that sends by itself: one with a call of send(), write(), printf() or
// their like? Judged by the text, as it is laid out in this project: functions begin in column 1.
bool bug_is_where_bytes_are_sent(const struct bug *bug, const struct sources *patched);

#endif
