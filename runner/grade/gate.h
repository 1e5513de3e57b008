// SPDX-License-Identifier: MIT
/*
 * The gate: the cores, shared by several runs, each in a thread of its own. A cell at work and a
 * compilation hold a place each; a cell whose program sleeps gives its place back, as within one
 * run. The oldest run is served first, so what was begun is finished before more is begun.
 *
 *     gate_admit(gate)      a thread waits here until one submission more is needed: there is room,
 *                           and no run has a check that is ready. So cores idle only while no
 *                           check is, and no more is held in memory than that takes.
 */
#ifndef LAB_GATE_H
#define LAB_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct grade_gate;
struct gate_run; // one run of checks

struct grade_gate *gate_new(size_t cores, size_t places);
void gate_free(struct grade_gate *gate); // nobody uses it any more; NULL is fine

// Waits as said above, then holds a place for the compilation. False: the gate is closed.
bool gate_admit(struct grade_gate *gate);
// That compilation has come so far that checks can begin.
void gate_compiled(struct grade_gate *gate);
// Nobody is admitted any more.
void gate_close(struct grade_gate *gate);
// Core-seconds that were held, and that there were, since gate_new.
void gate_account(struct grade_gate *gate, double *out_held, double *out_all);

// A run joins; `room` is called in its loop when there may be a place for it. NULL for a gate of
// NULL: then every place is free.
struct gate_run *gate_join(struct grade_gate *gate, uv_loop_t *loop, void (*room)(void *context),
                           void *context);
// Takes a place for a check that is ready. False: there is none, and the run is called later.
bool gate_take(struct gate_run *run);
// A check is ready, and no place can be taken now.
void gate_want(struct gate_run *run);
// Takes one in any case: a program that slept works again.
void gate_force(struct gate_run *run);
void gate_give(struct gate_run *run);
// The run has no check that is ready.
void gate_content(struct gate_run *run);
// Gives all its places back. Its handle is closed with the loop; then gate_run_free.
void gate_part(struct gate_run *run);
void gate_run_free(struct gate_run *run);

#endif
