// SPDX-License-Identifier: MIT
// The lines that the resolver writes; resolver.h describes them.
#ifndef LAB_RESOLVER_WRITE_H
#define LAB_RESOLVER_WRITE_H

#include "base/str.h"
#include "trace/snapshot.h"

struct event_parts;

// Appends a line. `frames` is a JSON array.
void write_event(const struct event_parts *parts, const char *frames, struct str *out);
void write_end(const struct snapshot_end *end, bool whole, struct str *out);

#endif
