// SPDX-License-Identifier: MIT
/*
 * A machine: it executes the learner's own instructions on behalf of a stopped thread, in its
 * memory, without running it. A trap for each instruction costs thousands of times more. What it
 * does not know is left to the processor.
 */
#ifndef LAB_MACHINE_H
#define LAB_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/recording.h"

struct cpu {
    uint64_t registers[REGISTERS];
    uint64_t ip;
    uint64_t flags;
    uint64_t thread_base; // fs
};

enum outcome {
    MACHINE_DID,   // the instruction; cpu stands behind it
    MACHINE_CANNOT // nothing has changed: the processor has to do it
};

struct machine; // the learner's code, decoded, and pages of a process's memory

// `start` to `end`: the learner's code. NULL: no decoder.
struct machine *machine_new(uint64_t start, uint64_t end);
void machine_free(struct machine *machine);
bool machine_has_code(const struct machine *machine, uint64_t ip);
enum outcome machine_execute(struct machine *machine, pid_t tid, struct cpu *cpu);
// Writes what was stored into the thread's memory and forgets its pages: before anybody else runs.
bool machine_flush(struct machine *machine, pid_t tid);

#endif
