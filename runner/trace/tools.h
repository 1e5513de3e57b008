// SPDX-License-Identifier: MIT
// The two executables that trace/ starts.
#ifndef LAB_TRACE_TOOLS_H
#define LAB_TRACE_TOOLS_H

#include "base/err.h"

// Where `name` ("tracer", "resolver") lies: beside lab in a build tree, or in an installation,
// wherever it was moved. The caller frees it. NULL and err (ENV) with the cure.
char *trace_tool_path(const char *name, struct err *err);

#endif
