// SPDX-License-Identifier: MIT
/*
 * gdb on the program of a check. A process of its own takes the place of the tracer
 * (graders/README.md, "The tracer's socket"): it holds the program at its first instruction, starts
 * gdb at the learner's terminal, and hands the program over when gdb has read its symbols.
 */
#ifndef LAB_DEBUGGER_H
#define LAB_DEBUGGER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "grade/grade.h"

struct debugger {
    const char *gdb;     // path
    const char *folder;  // of the sources: gdb's working folder
    const char *program; // with its symbols
    const char *file;    // a line to stop at besides main, or NULL
    int line;
    char *scratch; // a folder of its own
    pid_t pid;     // of that process; 0 before
    struct grade_tracing hooks;
};

// Makes the folder and fills the hooks. Errors: ENV.
bool debugger_open(struct debugger *debugger, struct err *err);
// Waits until the learner has left gdb. False: gdb never got hold of the program.
bool debugger_wait(struct debugger *debugger);
void debugger_close(struct debugger *debugger);

#endif
