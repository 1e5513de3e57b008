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
// Both failed with the same message, at the same place (of many bytes: but for numbers); or the
// program ended in the same way.
bool failed_alike(const struct check_result *first, const struct check_result *again);

// Runs the check with another program, recorded while it serves a connection from so many sent
// bytes on, or (`from_main`) from main() on, and hands the recording (from its beginning) and the
// check's second result to `use`.
bool recorded_run(struct tracing *tracing, const struct grade_request *request, size_t check_index,
                  char *program, int connection, bool from_main, size_t sent,
                  bool (*use)(void *context, const struct check_result *again, int recording,
                              struct err *err),
                  void *context, struct err *err);

// The path of one of lab's own executables on the stage, for boxes; NULL and ENV. The caller frees.
char *tracing_tool(struct tracing *tracing, const char *name, struct err *err);

// What a tracer of the attempt's own run saw of a check that got stuck, joined with `check`. True
// with no events when nobody looked. Errors: ENV, INTERRUPTED.
bool stuck_events(struct tracing *tracing, const struct grade_request *request, size_t check_index,
                  const struct check_result *check, struct events *out, struct err *err);

// Why nothing is traced was the user's own wish ($LAB_TRACE).
bool tracing_is_off(const struct tracing *tracing);

#endif
