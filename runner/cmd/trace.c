// SPDX-License-Identifier: MIT
// lab trace: one check again, with every call of the program, as a ladder.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/one_check.h"
#include "render/ladder.h"
#include "render/render.h"
#include "trace/trace.h"

struct trace_run {
    const struct cmd_call *call;
    struct one_check one;
    struct tracing *tracing;
    struct attempt again;
    struct trace_record record;
};

static const struct check_result *result_of(const struct trace_run *run)
{
    const char *id = one_check_id(&run->one);
    for (size_t i = 0; i < run->again.check_count; i++)
        if (strcmp(run->again.checks[i].id, id) == 0)
            return &run->again.checks[i];
    return NULL;
}

// Without a tracer the exchange alone is shown.
static bool run_check(struct trace_run *run, struct err *err)
{
    const struct grade_request request = one_check_request(&run->one);
    run->tracing = tracing_open(run->one.context.lab, &run->one.stage);
    if (tracing_missing(run->tracing) == NULL)
        return trace_check(run->tracing, &request, &run->one.sources, run->one.index, &run->again,
                           &run->record, err);
    run->again.lab = run->one.context.lab;
    run->again.seed = run->one.attempt.seed;
    return grade_run(&request, &run->again, err);
}

static void print(const struct trace_run *run, const struct check_result *check)
{
    const struct ladder_view view = {.check = check,
                                     .record = &run->record,
                                     .seed = run->one.attempt.seed,
                                     .command = cmd_program(),
                                     .missing = tracing_missing(run->tracing)};
    if (cmd_has(run->call, "json")) {
        auto_free char *json = render_ladder_json(&view);
        fputs(json, stdout);
        return;
    }
    const struct screen screen = screen_for(stdout, cmd_value(run->call, "color"));
    render_ladder(&screen, &view);
}

static int trace(struct trace_run *run, struct err *err)
{
    if (!one_check_open(run->call, &run->one, err))
        return 0;
    if (!run->one.attempt.build.ok)
        return one_check_say_build_failure(&run->one, run->call);
    if (!run_check(run, err))
        return 0;
    const struct check_result *check = result_of(run);
    if (run->again.broken_reason != NULL || check == NULL) {
        err_set(err, ERR_LAB, "%s: %s", run->one.context.lab->id,
                run->again.broken_reason != NULL ? run->again.broken_reason : "no such check");
        return 0;
    }
    print(run, check);
    return one_check_exit_status(check);
}

static int run_trace(const struct cmd_call *call, struct err *err)
{
    struct trace_run run = {.call = call, .one = ONE_CHECK_INIT};
    int status = trace(&run, err);
    trace_record_release(&run.record);
    attempt_release(&run.again);
    tracing_close(run.tracing);
    one_check_release(&run.one);
    return status;
}

static const struct cmd_option options[] = {
    {0, "seed", "N", "repeat the inputs of the attempt that had this seed"},
    {0, "json", NULL, "print all that happened as one JSON object"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_trace = {
    .name = "trace",
    .arguments = "[LAB] [STEP|CHECK]",
    .summary = "show one check call by call, with the lines",
    .help = "Runs one check again and prints what happened in the order of time: what each\n"
            "client did, which call of your program took it in or answered, on which line,\n"
            "and where it waits.\n"
            "CHECK is step/check. Of a step, and without a word, it is the first check that\n"
            "failed in the last attempt, with the inputs that it had.\n\n"
            "exit status: as that of check",
    .most_words = 2,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_trace,
};
