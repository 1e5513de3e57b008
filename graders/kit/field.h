// SPDX-License-Identifier: MIT
// The fields of an answer's head, which the strict reader has found to be well formed.
#ifndef KIT_FIELD_H
#define KIT_FIELD_H

#include "kit.h"

struct field {
    struct kit_bytes value; // without blanks around it; borrowed from the reply's head
    size_t line;            // where the field line begins in the head
    size_t next;            // where the next line begins: go on there
};

// The first field of that name, in any letter case, at or behind the line at `from` (0: the first
// one). False when there is none.
bool field_find(const struct kit_reply *reply, const char *name, size_t from, struct field *out);
// Where a value begins in the head.
size_t field_value_at(const struct kit_reply *reply, const struct field *field);

#endif
