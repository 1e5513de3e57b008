// SPDX-License-Identifier: MIT
/*
 * Runs of a check under a tracer, and what was seen when a check of the attempt itself got stuck.
 */
#ifndef LAB_TRACE_RUN_H
#define LAB_TRACE_RUN_H

#include "trace/events.h"
#include "trace/trace.h"

// One check, run again, traced from the program's first instruction.
struct traced_run {
    struct attempt attempt;
    struct check_result *check; // in the attempt
    struct events events;       // joined with it
};
// Runs the check with this index in the plan. Errors: ENV, INTERRUPTED; what there is of a run
// stays in *out (check is NULL when there was none), and traced_run_release is to be called.
bool traced_run(struct tracing *tracing, const struct grade_request *request, size_t check_index,
                struct traced_run *out, struct err *err);
void traced_run_release(struct traced_run *run);
// Both failed with the same message at the same place.
bool failed_alike(const struct check_result *first, const struct check_result *again);

// What a tracer of the attempt's own run saw of a check that got stuck, joined with `check`. True
// with no events when nobody looked. Errors: ENV, INTERRUPTED.
bool stuck_events(struct tracing *tracing, const struct grade_request *request, size_t check_index,
                  const struct check_result *check, struct events *out, struct err *err);

// Why nothing is traced was the user's own wish ($LAB_TRACE).
bool tracing_is_off(const struct tracing *tracing);

#endif
