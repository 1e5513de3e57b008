// SPDX-License-Identifier: MIT
/*
 * The resolver: a snapshot in, one line of JSON for each event out. It runs in a box; what it reads
 * was made by a learner's program, addresses, maps and debugging data alike. Nothing is believed.
 *
 * A line of output has these fields; those that are 0 or empty are left out. Texts are escaped
 * ASCII (base/text.h) of at most RESOLVER_TEXT_MOST bytes of the original. Addresses are texts,
 * "0x…": JSON's numbers are exact to 2^53 only.
 *
 *   kind                 started, call, stuck, signal, exit, watch
 *   pid, tid, own_tid, number, clock, after, result, repeats, descriptor, socket, local, peer,
 *   slot, state, cpu     as in struct snapshot_event
 *   address, arguments   texts; of the arguments always six
 *   unfinished           true: the thread ended inside the call
 *   pieces               [["0x…", length], …]
 *   sockets              [{"descriptor", "socket", "local", "peer"}, …]: what poll() waits for
 *   path, data,
 *   data_bytes
 *   frames               innermost first, inlined ones too, at most RESOLVER_DEPTH:
 *                        {"function", "file", "line", "own", "in", "pc"}; own: the line table names
 *                        its file relative to the folder that was compiled, that is, the learner's;
 *                        other frames have a function and `in`, the file that they lie in
 *
 * The last line is {"kind":"end","lost":N,"ended":true}, with "whole":false when the snapshot was
 * cut off, damaged, or gave more than RESOLVER_OUTPUT_MOST.
 */
#ifndef LAB_RESOLVER_H
#define LAB_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum {
    RESOLVER_DEPTH = 64,             // frames of one event
    RESOLVER_TEXT_MOST = 255,        // bytes of a name
    RESOLVER_OUTPUT_MOST = 16 << 20, // bytes, without the last line
    RESOLVER_MODULES_MOST = 256,     // files that a program has mapped
    RESOLVER_MAPS_MOST = 1024,       // in one snapshot
    RESOLVER_SESSIONS_MOST = 64,     // different ones
};

// Where the program lies for itself; what is mapped from there, or outside of namespaces from
// `program` itself, is read from the resolver's own `program`.
#define RESOLVER_PROGRAM "/program"

// Appends the lines. Any bytes are good input; false when they hold no snapshot at all.
bool resolver_read(const void *bytes, size_t length, const char *program, struct str *out);

#endif
