// SPDX-License-Identifier: MIT
// `lab` alone, `lab next`: what to do next; and the table of labs that status, list and next share.
#ifndef LAB_OVERVIEW_H
#define LAB_OVERVIEW_H

#include "base/err.h"

// `lab` without a word. Returns the exit status.
int overview(struct err *err);

#endif
