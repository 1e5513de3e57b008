// SPDX-License-Identifier: MIT
// `lab check --format=gcc`: the result for editors, in place of the report.
#ifndef LAB_EDITORS_H
#define LAB_EDITORS_H

#include <stdbool.h>

#include "cmd/cmd.h"
#include "grade/attempt.h"
#include "render/render.h"
#include "workspace/workspace.h"

// Reads --format: *out_gcc. Another format, or --json beside it: USAGE.
bool editors_choose(const struct cmd_call *call, bool *out_gcc, struct err *err);
// Prints what is wrong with the program; what is wrong with the lab goes to stderr.
void editors_print(const struct screen *screen, const struct workspace *workspace,
                   const struct attempt *attempt, const struct report_options *options);

#endif
