// SPDX-License-Identifier: MIT
// What made the byte that is wrong, or who looked last at the bytes of the request that matter.
#ifndef LAB_TRACE_ORIGIN_H
#define LAB_TRACE_ORIGIN_H

#include "trace/run.h"

// Puts at most one finding in front of those of the failed check: it runs once more, recorded, with
// a program that is made for that. Finding nothing is no error. `is_unheard`: the program waits for
// another client than the one that gets no answer. Errors: ENV, INTERRUPTED.
bool origin_find(struct tracing *tracing, const struct grade_request *request,
                 const struct sources *sources, size_t check_index, bool is_unheard,
                 struct check_result *check, struct err *err);

#endif
