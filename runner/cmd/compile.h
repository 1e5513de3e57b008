// SPDX-License-Identifier: MIT
// Compiling the workspace that a command was called in: what `lab build` and `lab run` share.
#ifndef LAB_COMPILE_H
#define LAB_COMPILE_H

#include "box/stage.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "grade/attempt.h"

struct compiled {
    struct context context;
    struct stage stage;
    struct sources sources;
    struct attempt attempt; // only its build is filled
};
#define COMPILED_INIT                                                                              \
    {                                                                                              \
        .stage = STAGE_INIT                                                                        \
    }

// Finds workspace and lab from the call's words, reads the sources, builds them on a stage.
bool compile_workspace(const struct cmd_call *call, bool no_cache, struct compiled *out,
                       struct err *err);
void compiled_release(struct compiled *compiled);

#endif
