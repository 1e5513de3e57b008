// SPDX-License-Identifier: MIT
// The tracers of one run: processes outside of the boxes, one for each check that wants one.
#ifndef LAB_TRACE_TRACERS_H
#define LAB_TRACE_TRACERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "box/stage.h"

enum { TRACERS_MOST = 64 }; // of one run: more checks than that go without

struct tracer_process {
    size_t check; // index in the plan
    struct process process;
    int snapshot; // the file that it writes; it has no name
};

struct tracers {
    const struct stage *stage;
    const char *executable; // the tracer's path
    struct tracer_process *items;
    size_t count;
};

// Starts one for the check; the socket is given away. Where it cannot be started, the socket is
// closed: the check goes on without.
void tracers_start(struct tracers *tracers, size_t check, int socket);
// Waits until the check's tracer has written all, ends it when it takes longer than a second.
// Returns its snapshot, borrowed; -1 when the check has none.
int tracers_finish(struct tracers *tracers, size_t check);
void tracers_release(struct tracers *tracers); // ends them all

#endif
