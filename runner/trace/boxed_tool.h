// SPDX-License-Identifier: MIT
/*
 * An executable of ours that reads what a stranger may have made up (debugging data, recordings),
 * by libraries that were not written for that. So it sits in a box as the compiler does: its files
 * read-only, no network, nothing to write to but the pipe of its lines, and limits on memory, time
 * and words.
 */
#ifndef LAB_TRACE_BOXED_TOOL_H
#define LAB_TRACE_BOXED_TOOL_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "box/box.h"
#include "box/stage.h"

struct boxed_tool {
    const char *name;           // for messages: "the resolver"
    const char *const *argv;    // as the box has it, NULL-terminated
    struct box_mount mounts[4]; // the executable and what its arguments name
    size_t mount_count;
    int input;          // its standard input, read from its beginning
    int cpu_seconds;    // at most
    size_t output_most; // bytes; beyond them nothing is read
};

// Runs it to its end and appends what it wrote to *out, also when it fails. Errors: ENV (it did not
// end well, or not at all), INTERRUPTED.
bool boxed_tool_run(const struct stage *stage, const struct boxed_tool *tool, struct str *out,
                    struct err *err);

#endif
