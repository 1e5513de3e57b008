// SPDX-License-Identifier: MIT
// On which line an argument of a call stands.
#ifndef LAB_TRACE_ARGUMENT_H
#define LAB_TRACE_ARGUMENT_H

#include <stddef.h>

// Of a source: the line on which argument number `argument` (from 0) of the first `call` at or
// behind `line`, within its statement, begins; `line` itself when it is not found.
int argument_line(const char *text, size_t length, int line, const char *call, int argument);

#endif
