// SPDX-License-Identifier: MIT
// One check of the workspace, built and ready to run: what `lab trace` and `lab debug` begin with.
#ifndef LAB_ONE_CHECK_H
#define LAB_ONE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box/stage.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "grade/grade.h"

struct one_check {
    struct context context;
    struct stage stage;
    struct sources sources;
    struct plan plan;
    struct attempt attempt; // only lab, build and seed are filled
    bool *selected;         // of the plan: the one
    size_t index;           // of the check in the plan
};
#define ONE_CHECK_INIT                                                                             \
    {                                                                                              \
        .stage = STAGE_INIT                                                                        \
    }

// Finds the check that the call's words mean and builds the workspace. A step means its first check
// that failed in the last attempt, else its first; no word means the same of the whole lab. The
// seed is --seed, else that of the last attempt, so that its inputs are repeated. A program that
// does not compile is no error: attempt.build.ok is false.
bool one_check_open(const struct cmd_call *call, struct one_check *out, struct err *err);
void one_check_release(struct one_check *one);

// The check's id. Borrowed.
const char *one_check_id(const struct one_check *one);
// A request that runs it and nothing else; borrows from `one`.
struct grade_request one_check_request(const struct one_check *one);
// Says what the compiler said, when it does not compile; the exit status.
int one_check_say_build_failure(const struct one_check *one, const struct cmd_call *call);
// What its result means for the exit status of the command.
int one_check_exit_status(const struct check_result *check);

#endif
