// SPDX-License-Identifier: MIT
// Trials: the programs that a lab is held against, found, built and run.
#ifndef LAB_TRIAL_H
#define LAB_TRIAL_H

#include "box/stage.h"
#include "grade/grade.h"
#include "validate/validate.h"

// The programs of a lab: solution, stub, the empty one, wrong/*.patch, accepted/*.sh and *.c.
// A head that does not read is a fault of its trial. Only `explain` when it is not NULL, from the
// file `patch` when that is not NULL.
bool trials_find(const struct lab *lab, const char *explain, const char *patch, struct trial **out,
                 size_t *out_count, struct err *err);
void trial_release(struct trial *trial);

// Builds one program and runs its checks options->runs times with the given seeds. Fills failures,
// points, unsteady, slow, alike and faults (does not apply, does not compile, a broken check). May
// run in a thread of its own: each call has a stage of its own. False: the machine's fault.
bool trial_run(const struct lab *lab, const struct plan *plan, const uint64_t *seeds,
               const struct validate_options *options, size_t parallel, struct trial *trial,
               struct err *err);

#endif
