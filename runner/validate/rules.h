// SPDX-License-Identifier: MIT
// The rules that a lab is held to, once its trials are run.
#ifndef LAB_RULES_H
#define LAB_RULES_H

#include "grade/grade.h"
#include "validate/validate.h"

// Lines that the one hunk of a wrong program may take out, and put in.
enum { RULES_CHANGED_LINES_MOST = 5 };

// Judges one trial: fills its faults and `caught`.
void rules_judge_trial(const struct lab *lab, const struct plan *plan, struct trial *trial);
// Judges the lab as a whole: each check has a wrong program, the lesson has its hints, texts obey
// the house rules. Adds to report->faults and warnings; the trials' own faults come last.
void rules_judge_lab(const struct lab *lab, const struct plan *plan,
                     struct validate_report *report);

// A message is one sentence without a full stop; a value that was cut ends in three of them.
bool rules_is_sentence(const char *message);

// Adds an error and its cure as one fault, and clears it.
void rules_add_error(struct strings *faults, struct err *err);

#endif
