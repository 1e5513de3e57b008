// SPDX-License-Identifier: MIT
/*
 * Recordings: every instruction of the learner's own code that one thread after the other executed
 * while it served what the check asked, or from the program's start on. tracer/step*.c writes them,
 * origin/ follows bytes and numbers through them. Both come from one build, so there are no
 * versions.
 *
 * A file is a row of records: a head, then `size` bytes.
 *
 *   RECORDING_CODE   where the learner's code lay: a struct recorded_code
 *   RECORDING_STEPS  an array of struct recorded_step, in the order of time
 *   RECORDING_CALLS  an array of struct recorded_call
 *   RECORDING_END    nothing; a file without it was cut off
 */
#ifndef LAB_RECORDING_H
#define LAB_RECORDING_H

#include <stdint.h>

enum {
    RECORDING_STEPS_MOST = 400 * 1000, // instructions of one run, that is: those that are kept
    // of a recording from the program's start, the earlier ones of which may be forgotten
    RECORDING_STEPS_LONGEST = 4 * 1000 * 1000,
    RECORDING_CALLS_MOST = 20 * 1000, // of them: with the steps, 100 MiB
    RECORDING_THREADS_MOST = 1024,
    RECORDING_SHOWN = 256,  // bytes kept of what a call's argument points to
    RECORDING_POINTERS = 4, // arguments that are looked at in this way
    RECORDING_ARGUMENTS = 6
};
#define RECORDING_MAGIC 0x6f726967u

enum recording_kind { RECORDING_CODE = 1, RECORDING_STEPS, RECORDING_CALLS, RECORDING_END };

struct recording_head {
    uint32_t magic;
    uint32_t kind;
    uint64_t size;
};

struct recorded_code {
    uint64_t base;       // what is added to the executable's addresses
    uint64_t start, end; // of the learner's code, as it lay in memory
    // The connection, as the recording finds it.
    int64_t descriptor;
    uint64_t sent, received; // bytes before the recording
    // The steps before the connection was there: it is none of theirs, whatever its descriptor.
    uint64_t before;
    uint64_t forgotten; // steps that were recorded first, and then forgotten for later ones
};

// In the order of their numbers in machine code.
enum {
    REGISTER_A,
    REGISTER_C,
    REGISTER_D,
    REGISTER_B,
    REGISTER_SP,
    REGISTER_BP,
    REGISTER_SI,
    REGISTER_DI,
    REGISTERS = 16
};

// One instruction and the registers before it.
struct recorded_step {
    uint64_t ip;
    uint64_t registers[REGISTERS];
    uint64_t thread_base; // of thread-local variables
    uint32_t thread;      // 1, 2, … in the order of their appearance
    uint32_t call; // number of the recorded_call that this instruction makes, from 1; 0: none
};

// A call that left the learner's own code.
struct recorded_call {
    uint64_t target;
    uint64_t arguments[RECORDING_ARGUMENTS];
    uint64_t stack; // its pointer at entry: the return address is there, further arguments above
    uint64_t result;
    uint8_t has_returned; //
    uint16_t before_length[RECORDING_POINTERS], after_length[RECORDING_POINTERS];
    uint8_t before[RECORDING_POINTERS][RECORDING_SHOWN];
    uint8_t after[RECORDING_POINTERS][RECORDING_SHOWN];
};

#endif
