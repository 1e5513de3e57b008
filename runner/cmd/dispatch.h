// SPDX-License-Identifier: MIT
// From argv to a command: the table, --help, --version, mistyped words.
#ifndef LAB_DISPATCH_H
#define LAB_DISPATCH_H

#include "base/err.h"

// Runs what argv asks for and returns its exit status; errors are set, not printed.
int dispatch(int argc, char **argv, struct err *err);

#endif
