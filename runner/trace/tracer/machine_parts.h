// SPDX-License-Identifier: MIT
/*
 * What the machine's files share: machine.c has memory and decoded instructions, operands.c
 * registers, operands and flags of one instruction, execute.c does it.
 */
#ifndef LAB_MACHINE_PARTS_H
#define LAB_MACHINE_PARTS_H

#include <capstone.h>

#include "trace/tracer/machine.h"

enum {
    MACHINE_CODE_MOST = 16 * 1024 * 1024, // bytes of the learner's code
    MACHINE_DECODED_MOST = 16 * 1024,     // instructions that are kept, about 2 KiB each
    MACHINE_PAGES = 64,                   //
    MACHINE_STORES = 512,                 // between two flushes; below IOV_MAX
    PAGE_BYTES = 4096
};

struct page {
    uint64_t address;
    unsigned char bytes[PAGE_BYTES];
};
struct store {
    uint64_t address;
    size_t size;
    unsigned char bytes[8];
    struct cpu before; // the instruction
    size_t number;     // of the instruction
};
struct machine {
    csh decoder;
    uint64_t start, end;
    cs_insn **decoded;                         // for each address of the code, once it was met
    uint32_t decoded_at[MACHINE_DECODED_MOST]; // where there is one
    size_t decoded_count;
    struct page pages[MACHINE_PAGES];
    size_t page_count;
    struct store stores[MACHINE_STORES];
    size_t store_count;
    const struct cpu *before; // the instruction that is being executed
    size_t number;            // instructions since the last flush
    bool lost;                // a store could not be done:
    struct store lost_store;
};

// False: there is no such memory, or (to be seen by machine_flush) an earlier store was lost.
bool machine_read(struct machine *machine, pid_t tid, uint64_t address, void *to, size_t size);
// At most 8 bytes. The store waits for the next flush.
bool machine_write(struct machine *machine, pid_t tid, uint64_t address, const void *from,
                   size_t size);
// Belongs to the machine, until the next call.
const cs_insn *machine_decode(struct machine *machine, pid_t tid, uint64_t ip);

// ---- operands.c

enum { FLAG_C = 1, FLAG_P = 4, FLAG_Z = 0x40, FLAG_S = 0x80, FLAG_O = 0x800 };

// One instruction.
struct work {
    struct machine *machine;
    pid_t tid;
    struct cpu *cpu;
    const cs_insn *insn;
    const cs_x86_op *operands;
    int count;
    bool failed; // memory could not be read or written, or it is nothing for the machine
};

bool is_general_register(x86_reg name);
uint64_t mask_of(int size);
int64_t sign_extend(uint64_t value, int size);

uint64_t address_of(struct work *work, const cs_x86_op *operand);
uint64_t memory_get(struct work *work, uint64_t address, int size);
void memory_set(struct work *work, uint64_t address, uint64_t value, int size);
uint64_t operand_get(struct work *work, int index);
void operand_set(struct work *work, int index, uint64_t value);

// `size` is 1, 2, 4 or 8.
void flags_set(struct work *work, uint64_t result, int size, bool carry, bool overflow);
uint64_t add(struct work *work, uint64_t a, uint64_t b, uint64_t carry, int size);
uint64_t subtract(struct work *work, uint64_t a, uint64_t b, uint64_t borrow, int size);
// The condition that a jump, setcc or cmovcc asks for: the low four bits of its machine code.
bool condition_holds(const struct work *work, unsigned int code);

#endif
