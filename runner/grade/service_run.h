// SPDX-License-Identifier: MIT
/*
 * A lab's services outside of any check: for a program that a person runs, and to try whether they
 * start. They run as the stage's user and are gone with their caller, however it ends.
 */
#ifndef LAB_SERVICE_RUN_H
#define LAB_SERVICE_RUN_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "box/stage.h"
#include "course/course.h"

struct service_run; // one that runs

struct service_runs {
    struct service_run *runs;
    size_t count;
    struct strings environment; // "NAME=value", for the program
};
#define SERVICE_RUNS_INIT                                                                          \
    {                                                                                              \
        NULL, 0, STRINGS_INIT                                                                      \
    }

// Prepares and starts all services of the lab. Errors: ENV, with the cure where a package is
// missing; LAB; INTERRUPTED.
bool service_runs_start(const struct lab *lab, const struct stage *stage, struct service_runs *out,
                        struct err *err);
// Lets them end, waits for that. May be called twice.
void service_runs_end(struct service_runs *services);

#endif
