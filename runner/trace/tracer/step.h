// SPDX-License-Identifier: MIT
/*
 * Stepping: records each instruction of the learner's own code that chosen threads execute, and
 * each call that leaves it. The machine does the instructions; the processor does the calls, up to
 * a breakpoint behind them.
 */
#ifndef LAB_STEP_H
#define LAB_STEP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct stepper;

// The learner's code lies from `start` to `end`; `base` is where the executable was loaded. NULL:
// nothing can be recorded: the machine is none that is known (cpu.c), or the code too large.
struct stepper *stepper_new(uint64_t base, uint64_t start, uint64_t end);
void stepper_free(struct stepper *stepper);
// The thread stands still; from its next own instruction on it is recorded.
void stepper_begin(struct stepper *stepper, pid_t tid);
// The thread has not begun to execute the program, whose first instruction is at `entry`: it is
// recorded from main() on. Where there is no more room, what was recorded first is forgotten.
void stepper_start(struct stepper *stepper, pid_t tid, uint64_t entry);
// Whether it is to go on by one instruction alone.
bool stepper_steps(const struct stepper *stepper, pid_t tid);
// Which connection it is about: its descriptor, and what went over it before.
void stepper_connection(struct stepper *stepper, int descriptor, uint64_t sent, uint64_t received);
// Whether it is recorded, or on its way to be.
bool stepper_follows(const struct stepper *stepper, pid_t tid);
// A followed thread stopped for a trap. What it did and does next is recorded as far as that can be
// done without running it.
void stepper_trapped(struct stepper *stepper, pid_t tid);
// A followed thread is in a call that made a thread or a process, `child`, which stands still and
// has not run yet. Nothing is resumed. False: the child does none of the learner's code for it.
bool stepper_adopt(struct stepper *stepper, pid_t parent, pid_t child, bool is_process);
// It is recorded no more: it is gone, or executes another program.
void stepper_ended(struct stepper *stepper, pid_t tid);
// Nothing more is recorded, neither what threads do nor what calls return.
void stepper_stop(struct stepper *stepper);
// Writes the recording. False: the file could not be written.
bool stepper_write(const struct stepper *stepper, int file);

#endif
