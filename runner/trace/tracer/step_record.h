// SPDX-License-Identifier: MIT
// The recording as it grows, and its file. trace/recording.h has its form and its bounds.
#ifndef LAB_STEP_RECORD_H
#define LAB_STEP_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/tracer/cpu.h"

struct step_record {
    struct recorded_code code;
    struct recorded_step *steps;
    struct recorded_call *calls;
    size_t step_count, step_room, call_count, call_room;
    bool forgets;   // where there is no room, the first half gives way
    size_t dropped; // calls that gave way: numbers begin behind them
    bool full;      // nothing more is taken
    bool stopped;   // nor what a call returned
};

void step_record_release(struct step_record *record);
// The instruction that the thread with this number is about to execute. False: the record is full.
bool step_record_add(struct step_record *record, uint32_t thread, const struct cpu *cpu);
// The latest steps, which were not executed after all.
void step_record_undo(struct step_record *record, size_t count);
// The latest step has called what `cpu` is about to execute, out of the learner's code. Returns the
// call's number, from 1; 0: the record is full. It stays the same when earlier calls give way.
uint32_t step_record_call(struct step_record *record, pid_t tid, const struct cpu *cpu);
void step_record_return(struct step_record *record, pid_t tid, uint32_t call, uint64_t result);
// NULL: it gave way.
const struct recorded_call *step_record_get_call(const struct step_record *record, uint32_t call);
// False: the file could not be written.
bool step_record_write(const struct step_record *record, int file);

#endif
