// SPDX-License-Identifier: MIT
// The way back of one byte or number: what walk.c shares with format.c.
#ifndef LAB_ORIGIN_WALK_H
#define LAB_ORIGIN_WALK_H

#include "trace/origin/origin.h"

// Where the walk stands: at a byte in memory, or at a byte of a register, before a step.
struct walk {
    const struct recording *r;
    struct origin *out;
    int32_t step;
    bool in_register;
    int number;       // of the register
    uint64_t shift;   // bytes: which of the register's
    uint64_t address; // in memory
    int left;
};

struct walk walk_begin(const struct recording *r, struct origin *out);
// Goes back until the byte was made, or WALK_MOST steps.
void walk_on(struct walk *walk);
// It was made here. False: the walk does not go on.
bool walk_done(struct walk *walk, enum origin_kind kind, int32_t step);
// It goes on there: before a step, in memory or in a register, at its byte `shift`.
void walk_to_memory(struct walk *walk, int32_t step, uint64_t address);
void walk_to_register(struct walk *walk, int32_t step, int number, uint64_t shift);
void walk_add_hop(struct walk *walk, struct hop hop);
// It stood at this index of what a call formatted.
void walk_add_formatted(struct walk *walk, int32_t step, uint64_t index);
// What leads to where it goes on: a register before a step, or (number -1) memory.
void walk_remember_pointer(struct walk *walk, int32_t step, int number, uint64_t address);

// format.c: the byte at `index` of what a formatting call wrote. Returns whether the walk goes on.
bool walk_formatted(struct walk *walk, int32_t step, uint64_t index);

#endif
