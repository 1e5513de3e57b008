// SPDX-License-Identifier: MIT
// The line that a learner with a wrong program's bug is shown, measured against the bug.
#ifndef LAB_MEASURE_H
#define LAB_MEASURE_H

#include "trace/trace.h"
#include "validate/validate.h"

// Fills the trial's `sends` from its patch. False and err: the patch cannot be read.
bool measure_bug(const struct sources *sources, struct trial *trial, struct err *err);
// Has the line found for the first check of the trial's Breaks, when it failed in this attempt, and
// fills the trial's reported_*, distance and measured. False and err: the patch cannot be
// read, or an interrupt.
bool measure_line(struct tracing *tracing, const struct grade_request *request,
                  const struct sources *sources, struct attempt *attempt, struct trial *trial,
                  struct err *err);

#endif
