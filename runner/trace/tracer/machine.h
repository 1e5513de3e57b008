// SPDX-License-Identifier: MIT
/*
 * A machine: it executes the learner's own instructions on behalf of a stopped thread, in its
 * memory, without running it. A trap for each instruction costs thousands of times more. What it
 * does not know is left to the processor.
 *
 * The program is a stranger's. Its memory is read and written with process_vm_readv and _writev
 * alone, which reach no other process's and obey its pages' rights.
 */
#ifndef LAB_MACHINE_H
#define LAB_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/tracer/cpu.h"

enum outcome {
    MACHINE_DID,   // the instruction; cpu stands behind it
    MACHINE_CANNOT // nothing has changed: the processor has to do it
};

struct machine; // the learner's code, decoded, and pages of a process's memory

// `start` to `end`: the learner's code. NULL: it is too much, or there is no decoder.
struct machine *machine_new(uint64_t start, uint64_t end);
void machine_free(struct machine *machine);
bool machine_has_code(const struct machine *machine, uint64_t ip);
enum outcome machine_execute(struct machine *machine, pid_t tid, struct cpu *cpu);
// Writes what was stored into the thread's memory and forgets its pages: before anybody else runs.
// False when a store cannot be done (a page that is not to be written): *cpu becomes what it was
// before the instruction that stored, and *undone how many that were executed behind it are not.
bool machine_flush(struct machine *machine, pid_t tid, struct cpu *cpu, size_t *undone);

#endif
