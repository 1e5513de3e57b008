// SPDX-License-Identifier: MIT
// One attempt on a workspace: build, grade, look for lines, remember.
#include "cmd/checking.h"

#include <stdlib.h>

#include "base/seed.h"
#include "course/lesson.h"
#include "grade/services.h"
#include "grade/verdict.h"
#include "render/render.h"

enum { EXPLAINED_MOST = 20 }; // checks whose lines are looked for with --all

bool checking_choose_level(const struct cmd_call *call, struct err *err)
{
    const char *level = cmd_value(call, "sandbox");
    enum box_level known;
    if (cmd_has(call, "no-sandbox"))
        level = box_level_name(BOX_NONE);
    if (level == NULL)
        return true;
    if (box_level_parse(level, &known))
        return setenv(BOX_LEVEL_VARIABLE, level, 1) == 0;
    err_set(err, ERR_USAGE, "%s: no level of the sandbox", level);
    err_set_cure(err, "the levels are full, namespaces, container and none");
    return false;
}

bool checking_choose_seed(const struct cmd_call *call, uint64_t *out_seed, struct err *err)
{
    long long seed = (long long)seed_new();
    if (!cmd_integer(call, "seed", 0, 9007199254740991, &seed, err))
        return false;
    *out_seed = (uint64_t)seed;
    return true;
}

// ---------------------------------------------------------------- lines

// The first check of the first step that fails.
static bool is_first(const struct attempt *attempt, const struct check_result *check)
{
    const struct step_result *step = attempt_first_failure(attempt);
    return step != NULL && step_first_failure(attempt, step) == check;
}

// The checks that are shown whole.
static bool explain(struct checking *checking, const struct grade_request *request, struct err *err)
{
    struct attempt *attempt = &checking->attempt;
    size_t explained = 0;
    for (size_t i = 0; i < attempt->check_count && explained < EXPLAINED_MOST; i++) {
        struct check_result *check = &attempt->checks[i];
        if (check->status != CHECK_FAILED || !(checking->all || is_first(attempt, check)))
            continue;
        if (!trace_explain(checking->tracing, request, &checking->sources, check, err))
            return false;
        explained++;
    }
    return true;
}

// ---------------------------------------------------------------- the attempt

static void on_step(void *context, const struct attempt *attempt, const struct step_result *step)
{
    (void)attempt;
    const struct checking *checking = context;
    if (checking->listener.step_done != NULL)
        checking->listener.step_done(checking->listener.context, step);
}

static void on_progress(void *context, size_t done, size_t total)
{
    const struct checking *checking = context;
    if (checking->listener.progress != NULL)
        checking->listener.progress(checking->listener.context, done, total);
}

static bool plan(struct checking *checking, const char *const *words, size_t word_count,
                 struct err *err)
{
    const struct lab *lab = checking->context->lab;
    if (!plan_load(lab, &checking->stage, &checking->plan, err))
        return false;
    checking->selected = mem_alloc_array(checking->plan.count, sizeof *checking->selected);
    return plan_select(lab, &checking->plan, words, word_count, checking->selected, err);
}

// While the compilers work, services are prepared and the grader is asked for its checks.
struct planning {
    struct checking *checking;
    bool good;
    struct err err;
};

static void plan_meanwhile(void *context)
{
    struct planning *planning = context;
    struct checking *checking = planning->checking;
    planning->good = services_prepare(checking->context->lab, &checking->stage, &planning->err) &&
                     (checking->selected != NULL || plan(checking, NULL, 0, &planning->err));
}

static bool build(struct checking *checking, struct err *err)
{
    struct planning planning = {.checking = checking, .err = ERR_INIT};
    const struct build_request request = {.lab = checking->context->lab,
                                          .sources = &checking->sources,
                                          .stage = &checking->stage,
                                          .no_cache = checking->no_cache,
                                          .meanwhile = plan_meanwhile,
                                          .context = &planning};
    bool built = build_begin(&request, &checking->attempt.build, &checking->pending, err);
    if (built && !planning.good)
        err_move(err, &planning.err);
    err_release(&planning.err);
    if (!built || !planning.good)
        return false;
    checking->attempt.lab = checking->context->lab;
    if (checking->listener.built != NULL)
        checking->listener.built(checking->listener.context);
    return true;
}

// Checks of the plain program alone may not have been asked for; its warnings are shown all the
// same.
static bool finish_build(struct checking *checking, struct err *err)
{
    bool whole = true;
    for (bool done = checking->pending == NULL; whole && !done;)
        whole = build_go_on(checking->pending, true, &done, err);
    build_end(take(checking->pending));
    return whole;
}

// The plain program could not be built after all: nothing was judged.
static void forget_checks(struct checking *checking)
{
    struct build_result build = checking->attempt.build;
    checking->attempt.build = (struct build_result){0};
    attempt_release(&checking->attempt);
    checking->attempt.build = build;
    verdict_prepare(checking->context->lab, &checking->plan, checking->seed, &checking->attempt);
}

static bool grade(struct checking *checking, struct err *err)
{
    const struct grade_listener listener = {
        .context = checking, .step_done = on_step, .progress = on_progress};
    if (!checking->no_lines)
        checking->tracing = tracing_open(checking->context->lab, &checking->stage);
    struct grade_request request = {.lab = checking->context->lab,
                                    .plan = &checking->plan,
                                    .selected = checking->selected,
                                    .seed = checking->seed,
                                    .stage = &checking->stage,
                                    .build = &checking->attempt.build,
                                    .pending = checking->pending,
                                    .listener = &listener,
                                    .tracing = tracing_hooks(checking->tracing),
                                    .gate = checking->gate,
                                    .verdicts_only = checking->gate != NULL};
    if (!grade_run(&request, &checking->attempt, err) || !finish_build(checking, err))
        return false;
    if (!checking->attempt.build.ok) {
        forget_checks(checking);
        return true;
    }
    request.pending = NULL; // all is built, for the runs to come
    if (checking->listener.graded != NULL)
        checking->listener.graded(checking->listener.context);
    // Lines are looked for when all checks are done: that takes the cores that they need.
    return checking->no_lines || explain(checking, &request, err);
}

bool checking_run_sources(struct checking *checking, struct err *err)
{
    if (!build(checking, err))
        return false;
    if (checking->attempt.build.ok)
        return grade(checking, err);
    verdict_prepare(checking->context->lab, &checking->plan, checking->seed, &checking->attempt);
    // That of the compilers.
    checking->attempt.sandbox = mem_copy_string(box_level_name(checking->stage.level));
    return true;
}

bool checking_run(struct checking *checking, const char *const *words, size_t word_count,
                  struct err *err)
{
    const struct lab *lab = checking->context->lab;
    // Words that name no step are told before anything is compiled.
    if (!stage_open(&checking->stage, err) ||
        (word_count > 0 && !plan(checking, words, word_count, err)) ||
        !workspace_sources(&checking->context->workspace, lab, &checking->sources, err))
        return false;
    return checking_run_sources(checking, err);
}

// ---------------------------------------------------------------- what is kept of it

void checking_remember(struct checking *checking, long long *out_number)
{
    struct err warning = ERR_INIT;
    const struct workspace *workspace = &checking->context->workspace;
    struct progress *progress = checking->context->progress;
    long long number = 0;
    if (progress != NULL) {
        if (!progress_record(progress, workspace->folder, &checking->attempt, &checking->sources,
                             &number, &warning))
            number = 0;
        context_warn(&warning);
        auto_free char *note = progress_take_note(progress);
        if (note != NULL)
            render_warning("%s", note);
    }
    auto_free char *json = render_attempt_json(&checking->attempt);
    workspace_write_last(workspace, &checking->attempt, json, &warning);
    context_warn(&warning);
    if (out_number != NULL)
        *out_number = number;
}

void checking_count_hints(const struct checking *checking, size_t *out_shown, size_t *out_total)
{
    const struct context *context = checking->context;
    const struct step_result *step = attempt_first_failure(&checking->attempt);
    struct err ignored = ERR_INIT;
    struct lesson lesson = {0};
    int shown = 0;
    *out_shown = *out_total = 0;
    if (step == NULL || step->status != CHECK_FAILED)
        return;
    if (lesson_load(context->lab, &lesson, &ignored)) {
        *out_total = lesson.sections[lab_step_index(context->lab, step->step)].numbered;
        lesson_release(&lesson);
    }
    if (context->progress != NULL &&
        progress_hints(context->progress, context->lab->id, step->step->id, &shown, &ignored))
        *out_shown = shown > 0 ? (size_t)shown : 0;
    err_release(&ignored);
}

void checking_release(struct checking *checking)
{
    tracing_close(checking->tracing);
    build_end(checking->pending);
    attempt_release(&checking->attempt);
    sources_release(&checking->sources);
    plan_release(&checking->plan);
    free(checking->selected);
    stage_close(&checking->stage);
    *checking = (struct checking)CHECKING_INIT;
}
