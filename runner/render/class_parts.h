// SPDX-License-Identifier: MIT
// What the forms of a class share: counting.
#ifndef LAB_RENDER_CLASS_PARTS_H
#define LAB_RENDER_CLASS_PARTS_H

#include "render/class.h"

struct class_sum {
    size_t open, graded, refused, broken; // submissions of each status
    size_t passed;                        // with all points
    size_t uncompiled;
    int least, median, most; // points of the graded ones
};
struct class_sum class_sum(const struct class_view *view);
void class_sort_numbers(int *numbers, size_t count);

struct class_failures {
    size_t check; // index in view->checks
    size_t failed, run;
};
// The checks that somebody fails, those that most fail first. The caller frees *out.
size_t class_hardest(const struct class_view *view, struct class_failures **out);
// How many have passed the steps in front of this one and not this one; step_count: all.
size_t class_at_step(const struct class_view *view, size_t step);
// How many have passed this step.
size_t class_passed_step(const struct class_view *view, size_t step);

#endif
