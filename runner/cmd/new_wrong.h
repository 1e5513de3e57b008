// SPDX-License-Identifier: MIT
// lab new --wrong NAME.
#ifndef LAB_NEW_WRONG_H
#define LAB_NEW_WRONG_H

#include "cmd/cmd.h"

// Makes labs/LAB/wrong/NAME.patch of the folder that --from names, and tells what it breaks.
void new_wrong(const struct cmd_call *call, struct err *err);

#endif
