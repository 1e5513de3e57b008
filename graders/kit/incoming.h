// SPDX-License-Identifier: MIT
/*
 * The strict reader of a request (RFC 9112 sections 2, 3, 5 and 6). Pure: bytes in, verdict out. A
 * request is short, so it is read anew whenever more of it has come.
 */
#ifndef KIT_INCOMING_H
#define KIT_INCOMING_H

#include "internal.h"

struct incoming_parse {
    size_t method_length;                // it begins with the first byte
    size_t target_offset, target_length; //
    size_t head_length;                  // with the empty line
    bool has_length;
    uint64_t length; // Content-Length
    size_t total;    // bytes of the whole request
    // KIT_HTTP_WRONG:
    bool truncated;                           // no rule is broken, the bytes end too early
    size_t offset;                            // of the first byte that breaks a rule
    const char *message, *expected, *because; // static; expected may be NULL
    unsigned hosts;                           // Host fields so far
};

// `closed`: no more bytes will come.
enum kit_http_verdict incoming_parse(const unsigned char *bytes, size_t length, bool closed,
                                     struct incoming_parse *out);

#endif
