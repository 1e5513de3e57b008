// SPDX-License-Identifier: MIT
/*
 * What the executable `origin` is told of a failure: a file with one JSON object. The bytes of the
 * connection, in hexadecimal digits, are the largest part by far; they go into the file record by
 * record, so that many attempts at once do not hold them all in memory.
 */
#ifndef LAB_TRACE_FAILURE_H
#define LAB_TRACE_FAILURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "grade/attempt.h"

struct failure_told {
    const struct check_result *check;
    int connection;  // whose bytes are told
    size_t sent;     // bytes of the program that are left out: they come before the wrong answer
    bool waits;      // the check waits for what a client does not do
    bool is_unheard; // another client held the program up: it has done nothing for this one
};

// How many bytes the program had sent when it was asked for the answer that is wrong.
size_t failure_sent_before(const struct check_result *check, int connection);
// The bytes are not more than `origin` reads.
bool failure_fits(const struct failure_told *told);
// Errors: ENV.
bool failure_write(const struct failure_told *told, const char *path, struct err *err);

#endif
