// SPDX-License-Identifier: MIT
/*
 * One attempt on a workspace: build, grade, look for lines, remember. `lab check` prints it,
 * `lab watch` draws it.
 *
 *     struct checking checking = CHECKING_INIT;
 *     checking.context = &context;             // with a lab and a workspace
 *     if (checking_run(&checking, words, word_count, &err))
 *         checking_remember(&checking, &number);
 *     checking_release(&checking);
 */
#ifndef LAB_CHECKING_H
#define LAB_CHECKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box/stage.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "grade/grade.h"
#include "trace/trace.h"

// Called as the attempt goes on; any may be NULL.
struct checking_listener {
    void *context;
    void (*built)(void *context); // attempt.build is there
    // A step's checks are all there: in the lab's order.
    void (*step_done)(void *context, const struct step_result *step);
    void (*progress)(void *context, size_t done, size_t total); // checks
    void (*graded)(void *context); // all checks are there; the lines are not looked for yet
};

struct checking {
    struct context *context; // borrowed
    uint64_t seed;
    bool all;      // lines for every failing check, not only for the first
    bool no_cache; // compile even when nothing has changed
    bool no_lines; // for none
    // Many attempts in many threads: the cores are shared, and only what a result says is kept.
    struct grade_gate *gate;
    struct checking_listener listener;

    struct attempt attempt; // the result
    struct stage stage;
    struct plan plan;
    struct sources sources;
    struct build_pending *pending; // what still compiles while checks run
    struct tracing *tracing;
    bool *selected; // of the plan
};
#define CHECKING_INIT                                                                              \
    {                                                                                              \
        .stage = STAGE_INIT                                                                        \
    }

// The options --sandbox and --no-sandbox of a call, by the environment, which the stage reads.
bool checking_choose_level(const struct cmd_call *call, struct err *err);
// The option --seed of a call, else a new one.
bool checking_choose_seed(const struct cmd_call *call, uint64_t *out_seed, struct err *err);
// The words are STEPs; none: all. A program that does not compile is a result: attempt.build.
bool checking_run(struct checking *checking, const char *const *words, size_t word_count,
                  struct err *err);
// The same on a stage that is open and sources that were read; all steps. Of the context only the
// lab is used.
bool checking_run_sources(struct checking *checking, struct err *err);
// Records the attempt and writes .lab/last/. What goes wrong is a warning. *out_number (may be
// NULL): which attempt of this workspace it was, 0 when it is not known.
void checking_remember(struct checking *checking, long long *out_number);
// How many hints the first failing step has, and how many were shown.
void checking_count_hints(const struct checking *checking, size_t *out_shown, size_t *out_total);
void checking_release(struct checking *checking);

#endif
