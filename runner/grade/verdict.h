// SPDX-License-Identifier: MIT
// Verdicts: from checks to steps, from steps to points.
#ifndef LAB_VERDICT_H
#define LAB_VERDICT_H

#include "grade/attempt.h"
#include "grade/grade.h"

// Lays out steps and checks of an attempt, all not run, from lab and plan.
void verdict_prepare(const struct lab *lab, const struct plan *plan, uint64_t seed,
                     struct attempt *out);
// Decides one step from its checks.
void verdict_step(struct attempt *attempt, struct step_result *step);
// Counts checks and points once all steps are decided.
void verdict_sum(struct attempt *attempt);

#endif
