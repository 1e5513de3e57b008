// SPDX-License-Identifier: MIT
// From a snapshot to events: the resolver, in a box.
#ifndef LAB_TRACE_RESOLVE_H
#define LAB_TRACE_RESOLVE_H

#include "base/err.h"
#include "box/stage.h"
#include "trace/events.h"

// Reads the snapshot from its beginning. `resolver` and `program` are paths on the stage. What
// could be read stays in *out on failure too. Errors: ENV, INTERRUPTED.
bool resolve(const struct stage *stage, const char *resolver, const char *program, int snapshot,
             struct events *out, struct err *err);

#endif
