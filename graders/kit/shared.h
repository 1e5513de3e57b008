// SPDX-License-Identifier: MIT
/*
 * What the kit must look at itself where the machine makes no namespaces: which of its sockets are
 * the program's, and how much the program has written. In a cell of its own the kernel knows.
 */
#ifndef KIT_SHARED_H
#define KIT_SHARED_H

#include "core.h"

// The sockets that the program's processes hold.
struct kit_inodes {
    uint32_t *items;
    size_t count, capacity;
};
void kit_inodes_take(struct kit_inodes *out);
bool kit_inodes_have(const struct kit_inodes *inodes, uint32_t inode);
void kit_inodes_release(struct kit_inodes *inodes);

// Does the scratch folder hold more than the check's limit, in bytes or in files? Looks at links
// themselves, never behind them.
bool kit_scratch_is_full(void);

#endif
