// SPDX-License-Identifier: MIT
// lab check: build, run the checks, show what is wrong, remember it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/checking.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/editors.h"
#include "cmd/junit.h"
#include "render/render.h"

struct check_run {
    const struct cmd_call *call;
    struct context context;
    struct screen screen;
    struct report_options options;
    struct report report;
    struct checking checking;
    bool json, gcc; // instead of the report
    bool waiting;   // a step failed: it is shown when its lines are known, and what follows then
    size_t printed; // steps
};

static void print_step(struct check_run *run, const struct step_result *step)
{
    if (step->status == CHECK_FAILED && run->options.hints_total == 0)
        checking_count_hints(&run->checking, &run->options.hints_shown, &run->options.hints_total);
    report_step(&run->report, &run->checking.attempt, step);
    run->printed++;
}

static void on_step(void *context, const struct step_result *step)
{
    struct check_run *run = context;
    run->waiting = run->waiting || step->status == CHECK_FAILED;
    if (!run->waiting)
        print_step(run, step);
}

static void print_waiting_steps(struct check_run *run)
{
    const struct attempt *attempt = &run->checking.attempt;
    while (attempt->build.ok && run->printed < attempt->step_count)
        print_step(run, &attempt->steps[run->printed]);
}

static void print_result(struct check_run *run)
{
    if (run->json) {
        auto_free char *json = render_attempt_json(&run->checking.attempt);
        fputs(json, stdout);
        return;
    }
    if (run->gcc) {
        editors_print(&run->screen, &run->context.workspace, &run->checking.attempt, &run->options);
        return;
    }
    report_end(&run->report, &run->checking.attempt);
}

static bool write_junit(struct check_run *run, struct err *err)
{
    const char *path = cmd_value(run->call, "junit");
    struct junit_file file;
    if (path == NULL)
        return true;
    if (!junit_file_open(&file, path, err))
        return false;
    auto_free char *json = render_attempt_json(&run->checking.attempt);
    junit_file_add(&file, json, strlen(json));
    return junit_file_close(&file, err);
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
    struct checking *checking = &run->checking;
    if (!context_open(&run->context, err) ||
        !context_open_lab(&run->context, &words, &word_count, true, err) ||
        !context_allow(run->context.lab, err) || !refresh_workspace(run, err) ||
        !checking_choose_seed(run->call, &checking->seed, err) ||
        !checking_choose_level(run->call, err))
        return 0;
    if (!checking_run(checking, words, word_count, err))
        return 0;
    if (!run->json && !run->gcc)
        print_waiting_steps(run);
    checking_remember(checking, NULL);
    print_result(run);
    if (!write_junit(run, err))
        return 0;
    return attempt_exit_status(&checking->attempt);
}

static int run_check(const struct cmd_call *call, struct err *err)
{
    struct check_run run = {.call = call,
                            .screen = screen_for(stdout, cmd_value(call, "color")),
                            .options = {.all = cmd_has(call, "all"),
                                        .verbose = cmd_has(call, "verbose"),
                                        .command = cmd_program()},
                            .checking = CHECKING_INIT,
                            .json = cmd_has(call, "json")};
    run.checking.context = &run.context;
    run.checking.all = run.options.all;
    run.checking.no_cache = cmd_has(call, "no-cache");
    if (!editors_choose(call, &run.gcc, err))
        return 0;
    if (!run.json && !run.gcc)
        run.checking.listener = (struct checking_listener){.context = &run, .step_done = on_step};
    report_begin(&run.report, &run.screen, &run.options);
    int status = check(&run, err);
    checking_release(&run.checking);
    context_close(&run.context);
    return status;
}

static const struct cmd_option options[] = {
    {'a', "all", NULL, "show every failing check, not only the first"},
    {'v', "verbose", NULL, "show all that the compiler said"},
    {0, "json", NULL, "print the result as one JSON object"},
    {0, "junit", "FILE", "write the result as JUnit's XML, too, for build servers"},
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
