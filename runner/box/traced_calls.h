// SPDX-License-Identifier: MIT
/*
 * The system calls that a traced program stops at: the filter of a traced box and the tracer share
 * this one table.
 */
#ifndef LAB_TRACED_CALLS_H
#define LAB_TRACED_CALLS_H

#include <stddef.h>

enum traced_kind {
    TRACED_SENDS,       // bytes leave through a descriptor
    TRACED_RECEIVES,    // bytes come in through a descriptor
    TRACED_CLOSES,      // close, shutdown
    TRACED_SETS_UP,     // socket, bind, listen, connect
    TRACED_ACCEPTS,     //
    TRACED_NAMES_PATH,  // only its failures matter
    TRACED_DUPLICATES,  // a descriptor becomes another file: argument 1
    TRACED_CLOSES_MANY, // descriptors from argument 0 to argument 1
    TRACED_MAPS_CODE,   // argument 2 has PROT_EXEC (the filter looks)
};

enum traced_shape {     // of what is sent or received
    TRACED_NO_BUFFER,   //
    TRACED_BUFFER,      // argument 1 is an address, 2 its length
    TRACED_VECTOR,      // argument 1 is a struct iovec[argument 2]
    TRACED_MESSAGE,     // argument 1 is a struct msghdr
    TRACED_MESSAGES,    // argument 1 is a struct mmsghdr[argument 2]
    TRACED_FROM_SECOND, // from the file that argument 1 is (sendfile)
    TRACED_FROM_FIRST,  // from argument 0 to argument 2 (splice)
};

struct traced_call {
    int number;
    enum traced_kind kind;
    enum traced_shape shape;
    int argument; // index of the descriptor, or of the path (TRACED_NAMES_PATH)
};

extern const struct traced_call traced_calls[];
extern const size_t traced_call_count;

// NULL when a call is none of these.
const struct traced_call *traced_call_find(int number);

#endif
