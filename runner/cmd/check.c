// SPDX-License-Identifier: MIT
// lab check: build, run the checks, show what is wrong, remember it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/seed.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/editors.h"
#include "course/lesson.h"
#include "grade/grade.h"
#include "grade/verdict.h"
#include "render/render.h"
#include "trace/trace.h"

enum { EXPLAINED_MOST = 20 }; // checks whose lines are looked for with --all

struct check_run {
    const struct cmd_call *call;
    struct context context;
    struct screen screen;
    struct report_options options;
    struct report report;
    struct stage stage;
    struct plan plan;
    struct sources sources;
    struct attempt attempt;
    struct tracing *tracing;
    bool *selected;
    bool json, gcc; // instead of the report
    bool waiting;   // a step failed: it is shown when its lines are known, and what follows then
    size_t printed; // steps
};

// How many hints the first failing step has, and how many were shown.
static void count_hints(struct check_run *run, const struct step_result *step)
{
    struct err ignored = ERR_INIT;
    struct lesson lesson = {0};
    if (step->status != CHECK_FAILED || run->options.hints_total > 0)
        return;
    if (lesson_load(run->context.lab, &lesson, &ignored)) {
        run->options.hints_total =
            lesson.sections[lab_step_index(run->context.lab, step->step)].numbered;
        lesson_release(&lesson);
    }
    int shown = 0;
    if (run->context.progress != NULL && progress_hints(run->context.progress, run->context.lab->id,
                                                        step->step->id, &shown, &ignored))
        run->options.hints_shown = shown > 0 ? (size_t)shown : 0;
    err_release(&ignored);
}

static void print_step(struct check_run *run, const struct step_result *step)
{
    count_hints(run, step);
    report_step(&run->report, &run->attempt, step);
    run->printed++;
}

// Lines are looked for when all checks are done: that takes the cores that they need.
static void on_step(void *context, const struct attempt *attempt, const struct step_result *step)
{
    (void)attempt;
    struct check_run *run = context;
    run->waiting = run->waiting || step->status == CHECK_FAILED;
    if (!run->waiting)
        print_step(run, step);
}

static void print_waiting_steps(struct check_run *run)
{
    while (!run->json && !run->gcc && run->printed < run->attempt.step_count)
        print_step(run, &run->attempt.steps[run->printed]);
}

// ---------------------------------------------------------------- lines

// The first check of the first step that fails.
static bool is_first(const struct attempt *attempt, const struct check_result *check)
{
    const struct step_result *step = attempt_first_failure(attempt);
    return step != NULL && step_first_failure(attempt, step) == check;
}

// The checks that are shown whole.
static bool explain(struct check_run *run, const struct grade_request *request, struct err *err)
{
    size_t explained = 0;
    for (size_t i = 0; i < run->attempt.check_count && explained < EXPLAINED_MOST; i++) {
        struct check_result *check = &run->attempt.checks[i];
        if (check->status != CHECK_FAILED || !(run->options.all || is_first(&run->attempt, check)))
            continue;
        if (!trace_explain(run->tracing, request, &run->sources, check, err))
            return false;
        explained++;
    }
    return true;
}

// ---------------------------------------------------------------- the attempt

// By the environment, which the stage reads.
static bool choose_level(struct check_run *run, struct err *err)
{
    const char *level = cmd_value(run->call, "sandbox");
    enum box_level known;
    if (cmd_has(run->call, "no-sandbox"))
        level = box_level_name(BOX_NONE);
    if (level == NULL)
        return true;
    if (box_level_parse(level, &known))
        return setenv(BOX_LEVEL_VARIABLE, level, 1) == 0;
    err_set(err, ERR_USAGE, "%s: no level of the sandbox", level);
    err_set_cure(err, "the levels are full, namespaces, container and none");
    return false;
}

static bool choose_seed(struct check_run *run, struct err *err)
{
    long long seed = (long long)seed_new();
    if (!cmd_integer(run->call, "seed", 0, 9007199254740991, &seed, err))
        return false;
    run->attempt.seed = (uint64_t)seed;
    return true;
}

static bool build(struct check_run *run, struct err *err)
{
    const struct build_request request = {.lab = run->context.lab,
                                          .sources = &run->sources,
                                          .stage = &run->stage,
                                          .no_cache = cmd_has(run->call, "no-cache")};
    if (!build_run(&request, &run->attempt.build, err))
        return false;
    run->attempt.lab = run->context.lab;
    return true;
}

static bool grade(struct check_run *run, struct err *err)
{
    const struct grade_listener listener = {.context = run, .step_done = on_step};
    run->tracing = tracing_open(run->context.lab, &run->stage);
    const struct grade_request request = {.lab = run->context.lab,
                                          .plan = &run->plan,
                                          .selected = run->selected,
                                          .seed = run->attempt.seed,
                                          .stage = &run->stage,
                                          .build = &run->attempt.build,
                                          .listener = run->json || run->gcc ? NULL : &listener,
                                          .tracing = tracing_hooks(run->tracing)};
    if (!grade_run(&request, &run->attempt, err))
        return false;
    bool explained = explain(run, &request, err);
    print_waiting_steps(run);
    return explained;
}

static bool make_attempt(struct check_run *run, const char *const *words, size_t word_count,
                         struct err *err)
{
    const struct lab *lab = run->context.lab;
    if (!choose_seed(run, err) || !choose_level(run, err) || !stage_open(&run->stage, err) ||
        !plan_load(lab, &run->stage, &run->plan, err))
        return false;
    run->selected = mem_alloc_array(run->plan.count, sizeof *run->selected);
    if (!plan_select(lab, &run->plan, words, word_count, run->selected, err) ||
        !workspace_sources(&run->context.workspace, lab, &run->sources, err) || !build(run, err))
        return false;
    if (run->attempt.build.ok)
        return grade(run, err);
    verdict_prepare(lab, &run->plan, run->attempt.seed, &run->attempt);
    run->attempt.sandbox = mem_copy_string(box_level_name(run->stage.level)); // of the compilers
    return true;
}

// ---------------------------------------------------------------- what is kept of it

static void remember(struct check_run *run)
{
    struct err warning = ERR_INIT;
    const struct workspace *workspace = &run->context.workspace;
    long long number = 0;
    if (run->context.progress != NULL) {
        progress_record(run->context.progress, workspace->folder, &run->attempt, &run->sources,
                        &number, &warning);
        context_warn(&warning);
        auto_free char *note = progress_take_note(run->context.progress);
        if (note != NULL)
            render_warning("%s", note);
    }
    auto_free char *json = render_attempt_json(&run->attempt);
    workspace_write_last(workspace, &run->attempt, json, &warning);
    context_warn(&warning);
}

static void print_result(struct check_run *run)
{
    if (run->json) {
        auto_free char *json = render_attempt_json(&run->attempt);
        fputs(json, stdout);
        return;
    }
    if (run->gcc) {
        editors_print(&run->screen, &run->context.workspace, &run->attempt, &run->options);
        return;
    }
    report_end(&run->report, &run->attempt);
}

static bool refresh_workspace(struct check_run *run, struct err *err)
{
    auto_strings struct strings notes = STRINGS_INIT;
    bool good = workspace_refresh(&run->context.workspace, run->context.lab, &notes, err);
    for (size_t i = 0; i < notes.count; i++)
        render_warning("%s", notes.items[i]);
    // A workspace that cannot be written can still be checked.
    if (!good && err->kind == ERR_ENV) {
        context_warn(err);
        return true;
    }
    return good;
}

static int check(struct check_run *run, struct err *err)
{
    const char *const *words = run->call->words;
    size_t word_count = run->call->word_count;
    if (!editors_choose(run->call, &run->gcc, err) || !context_open(&run->context, err) ||
        !context_open_lab(&run->context, &words, &word_count, true, err) ||
        !refresh_workspace(run, err) || !make_attempt(run, words, word_count, err))
        return 0;
    remember(run);
    print_result(run);
    return attempt_exit_status(&run->attempt);
}

static int run_check(const struct cmd_call *call, struct err *err)
{
    struct check_run run = {.call = call,
                            .screen = screen_for(stdout, cmd_value(call, "color")),
                            .options = {.all = cmd_has(call, "all"),
                                        .verbose = cmd_has(call, "verbose"),
                                        .command = cmd_program()},
                            .stage = STAGE_INIT,
                            .json = cmd_has(call, "json")};
    report_begin(&run.report, &run.screen, &run.options);
    int status = check(&run, err);
    tracing_close(run.tracing);
    attempt_release(&run.attempt);
    sources_release(&run.sources);
    plan_release(&run.plan);
    free(run.selected);
    stage_close(&run.stage);
    context_close(&run.context);
    return status;
}

static const struct cmd_option options[] = {
    {'a', "all", NULL, "show every failing check, not only the first"},
    {'v', "verbose", NULL, "show all that the compiler said"},
    {0, "json", NULL, "print the result as one JSON object"},
    {0, "format", "FORMAT", "gcc: as a compiler does, for editors"},
    {0, "seed", "N", "repeat the inputs of the attempt that had this seed"},
    {0, "no-cache", NULL, "compile even when nothing has changed"},
    {0, "color", "WHEN", "auto, always or never"},
    {0, "sandbox", "LEVEL", "namespaces, container or none, instead of the best"},
    {0, "no-sandbox", NULL, "only for programs of your own: limits, no sandbox"},
};

const struct cmd cmd_check = {
    .name = "check",
    .arguments = "[LAB] [STEP…]",
    .summary = "build your program, probe it, say what is wrong",
    .help = "Compiles the program of this workspace and runs the lab's checks against it.\n"
            "STEP is an id, a number, a range such as 2-4, or step/check; without one all\n"
            "steps are checked. Outside of a workspace LAB means its last workspace.\n\n"
            "exit status: 0 all passed, 1 not all passed, 2 usage, 3 the lab is broken,\n"
            "4 the machine lacks something",
    .most_words = 100,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_check,
};
