// SPDX-License-Identifier: MIT
/*
 * Many submissions at once: threads that share the cores by a gate (grade/gate.h). What is broken
 * or fails by the machine's fault is tried once more when all others are done: then the machine is
 * calmer. One that fails again is told as broken; three of them in a row, and the machine is at
 * fault, not they: the run ends.
 */
#ifndef LAB_CREW_H
#define LAB_CREW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "grade/gate.h"

struct crew_job {
    size_t index; // of the submission
    int tries;    // before this one
    struct grade_gate *gate;
    bool compiled; // told to the gate
    double share;  // of its checks that are done
};
// So much of its checks is done.
void crew_share(struct crew_job *job, double share);
// Its checks can begin: the place that it held for the compilation is free.
void crew_compiled(struct crew_job *job);

enum crew_outcome {
    CREW_DONE,
    CREW_BROKEN,  // no verdict, what is known was written: worth another try
    CREW_FAILED,  // *err: the machine's fault, nothing was written
    CREW_STOPPED, // *err: the run cannot go on
};

struct crew_request {
    const size_t *indexes; // of the submissions to grade
    size_t count;
    size_t cores, places; // 0 cores: one submission and one check at a time
    // Called in threads.
    enum crew_outcome (*grade)(void *context, struct crew_job *job, struct err *err);
    // It failed twice: write that it is broken, by this error. False: the run cannot go on.
    bool (*give_up)(void *context, size_t index, const struct err *why, struct err *err);
    // Called in the calling thread, some times a second and at the end.
    void (*progress)(void *progress_context, size_t done, size_t count, double share);
    void *context, *progress_context;
};
// False: *err, INTERRUPTED or what stopped it. *out_idle: the share of the cores' time in which
// nothing was to be done for them.
bool crew_run(const struct crew_request *request, double *out_idle, struct err *err);

#endif
