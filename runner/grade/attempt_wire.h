// SPDX-License-Identifier: MIT
/*
 * An attempt as bytes, from a process that makes it to the one that shows it. Both are the same
 * program: numbers are as they lie in memory.
 *
 * What no screen shows is left out: the built programs, the raw records, and all but the verdict of
 * checks other than the first that failed and the first that is broken.
 */
#ifndef LAB_ATTEMPT_WIRE_H
#define LAB_ATTEMPT_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "grade/attempt.h"

void attempt_write(const struct attempt *attempt, struct str *out);
// False when the bytes are no whole attempt on this lab; *out is then empty. Borrows the lab.
bool attempt_read(const char *bytes, size_t length, const struct lab *lab, struct attempt *out);

#endif
