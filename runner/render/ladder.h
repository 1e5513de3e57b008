// SPDX-License-Identifier: MIT
/*
 * The exchange of one check as a ladder: time runs down, each client has a column, and the server's
 * column says which call did it, and on which line. Words and arrows carry all of it.
 */
#ifndef LAB_RENDER_LADDER_H
#define LAB_RENDER_LADDER_H

#include <stdint.h>

#include "grade/attempt.h"
#include "render/render.h"
#include "trace/trace.h"

// What lab trace shows. All borrowed.
struct ladder_view {
    const struct check_result *check; // of the traced run
    const struct trace_record *record;
    uint64_t seed;       // of the attempt
    const char *command; // "lab" or "./lab"
    const char *missing; // why no calls are known, or NULL
};

void render_ladder(const struct screen *screen, const struct ladder_view *view);
// {"version":1,"check","seed","status","lost","events":[{"at","from","call","connection","offset",
// "length","text","result","path","state","file","line","function"}]}, what is not known left out.
// The caller frees it; ends in a newline.
char *render_ladder_json(const struct ladder_view *view);

#endif
