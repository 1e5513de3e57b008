// SPDX-License-Identifier: MIT
// What machine.c and execute.c share.
#ifndef LAB_MACHINE_PARTS_H
#define LAB_MACHINE_PARTS_H

#include <capstone.h>

#include "trace/tracer/machine.h"

enum {
    MACHINE_CODE_MOST = 16 * 1024 * 1024, // bytes of the learner's code
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
    unsigned char bytes[16];
};
struct machine {
    csh decoder;
    uint64_t start, end;
    cs_insn **decoded; // for each address of the code, once it was met
    struct page pages[MACHINE_PAGES];
    size_t page_count;
    struct store stores[MACHINE_STORES];
    size_t store_count;
};

bool machine_read(struct machine *machine, pid_t tid, uint64_t address, void *to, size_t size);
bool machine_write(struct machine *machine, pid_t tid, uint64_t address, const void *from,
                   size_t size);
const cs_insn *machine_decode(struct machine *machine, pid_t tid, uint64_t ip);

#endif
