// SPDX-License-Identifier: MIT
/*
 * Compilations, each in a box of its own, at the same time. The compiler reads what a stranger
 * wrote: it sees the sources at /src, may write to /out, and is stopped when it uses more CPU time,
 * memory, disk or words than any honest program needs, or sleeps, which no compiler does.
 */
#ifndef LAB_COMPILE_H
#define LAB_COMPILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "box/stage.h"

struct compile_limits {
    double cpu_seconds;   // of the driver, the compiler, the assembler and the linker together
    double sleep_seconds; // without any of them running
    size_t memory;        // bytes of address space of each
    size_t file_size;     // bytes
    size_t kept;          // bytes of messages kept, half at each end
    size_t written;       // bytes of messages after which it is stopped
};
extern const struct compile_limits compile_limits; // what build_run uses

struct compile_job {
    const struct strings *argv;      // argv[0] is the compiler's path
    const char *output;              // folder on the stage that is /out
    bool decisive;                   // when it fails, the other jobs are of no use and are stopped
    const struct compile_job *after; // begun when that one has succeeded; NULL: at once

    // The result:
    bool finished;   // it ended by itself
    int status;      // raw status (see wait(2)), when finished
    char *stopped;   // the limit that it passed, or NULL
    struct str text; // stdout and stderr; without NULs
};

// Begins the jobs, which must stay where they are until compile_end. A compilation that fails or is
// stopped is a result; NULL and err are for the machine's faults (ENV). `hidden`: folders below
// /usr that the compiler must not read. The caller releases the jobs' results.
struct compiling;
struct compiling *compile_begin(const struct stage *stage, const char *sources,
                                const struct strings *hidden, const struct compile_limits *limits,
                                struct compile_job *jobs, size_t count, struct err *err);
// Goes on with them; with `wait` when something happens, else with what has happened. False: ENV,
// or INTERRUPTED.
bool compile_go_on(struct compiling *compiling, bool wait, struct err *err);
// Nothing more comes of any of them.
bool compile_is_done(const struct compiling *compiling);
// A descriptor that is readable when there is something to go on with. The limits of time want
// compile_go_on besides, every quarter of a second or so. Borrowed.
int compile_descriptor(const struct compiling *compiling);
// No process is left. NULL is fine.
void compile_end(struct compiling *compiling);
// All of that at once.
bool compile_run(const struct stage *stage, const char *sources, const struct strings *hidden,
                 const struct compile_limits *limits, struct compile_job *jobs, size_t count,
                 struct err *err);
void compile_job_release(struct compile_job *job);

#endif
