// SPDX-License-Identifier: MIT
// A JUnit file, written suite by suite beside its place and then renamed.
#ifndef LAB_CMD_JUNIT_H
#define LAB_CMD_JUNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

struct junit_file {
    char *path, *temporary;
    FILE *stream;
};
bool junit_file_open(struct junit_file *file, const char *path, struct err *err);
// A result file's text, or that of `lab check --json`.
void junit_file_add(struct junit_file *file, const char *json, size_t length);
// Errors: ENV. Releases in any case.
bool junit_file_close(struct junit_file *file, struct err *err);

#endif
