// SPDX-License-Identifier: MIT
// Grading one submission of a class.
#ifndef LAB_CMD_GRADE_ONE_H
#define LAB_CMD_GRADE_ONE_H

#include "classroom/crew.h"
#include "classroom/results.h"
#include "classroom/submissions.h"

struct grade_one { // the same for all
    struct lab *lab;
    struct submissions submissions;
    struct results results;
    bool no_lines;
};

// For a crew_request, whose context is such a structure.
enum crew_outcome grade_one(void *context, struct crew_job *job, struct err *err);
bool grade_give_up(void *context, size_t index, const struct err *why, struct err *err);

#endif
