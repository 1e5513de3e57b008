// SPDX-License-Identifier: MIT
// lab watch: checks again at every save, on one screen.
#include "watch/watch.h"

#include <signal.h>
#include <stdlib.h>

#include "base/interrupt.h"
#include "base/seed.h"
#include "cmd/checking.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "watch/news.h"

struct watch_command {
    const struct cmd_call *call;
    struct context context;
    const char *const *words; // STEPs
    size_t word_count;
};

// ---------------------------------------------------------------- in the process of one attempt

struct watched_attempt {
    struct checking checking;
    struct watch_news news; // only its numbers
    int output;
};

static void send_attempt(struct watched_attempt *watched, enum watch_phase phase)
{
    watched->news.phase = phase;
    if (watched->news.hints_total == 0)
        checking_count_hints(&watched->checking, &watched->news.hints_shown,
                             &watched->news.hints_total);
    news_send(watched->output, &watched->news, &watched->checking.attempt, NULL);
}

static void on_built(void *context)
{
    struct watched_attempt *watched = context;
    if (!watched->checking.attempt.build.ok)
        return; // told when all is known, which is at once
    watched->news.phase = WATCH_CHECKING;
    news_send(watched->output, &watched->news, NULL, NULL);
}

static void on_step(void *context, const struct step_result *step)
{
    (void)step;
    send_attempt(context, WATCH_CHECKING);
}

static void on_progress(void *context, size_t done, size_t total)
{
    struct watched_attempt *watched = context;
    watched->news.done = done;
    watched->news.total = total;
    news_send(watched->output, &watched->news, NULL, NULL);
}

static void on_graded(void *context)
{
    struct watched_attempt *watched = context;
    if (attempt_first_failure(&watched->checking.attempt) != NULL)
        send_attempt(watched, WATCH_EXPLAINING);
}

static void tell_fault(struct watched_attempt *watched, struct err *err)
{
    watched->news.phase = WATCH_DONE;
    news_send(watched->output, &watched->news, NULL, err);
    err_release(err);
}

static void make_attempt(void *context, int output)
{
    struct watch_command *command = context;
    struct watched_attempt watched = {.checking = CHECKING_INIT, .output = output};
    struct err err = ERR_INIT;
    signal(SIGPIPE, SIG_IGN);
    // A connection to the progress file is not carried across a fork.
    context_open_progress(&command->context);
    watched.checking.context = &command->context;
    watched.checking.listener = (struct checking_listener){.context = &watched,
                                                           .built = on_built,
                                                           .step_done = on_step,
                                                           .progress = on_progress,
                                                           .graded = on_graded};
    bool whole = checking_choose_seed(command->call, &watched.checking.seed, &err) &&
                 checking_run(&watched.checking, command->words, command->word_count, &err);
    if (whole && !interrupt_happened(NULL)) {
        send_attempt(&watched, WATCH_EXPLAINING);
        checking_remember(&watched.checking, &watched.news.number);
        send_attempt(&watched, WATCH_DONE);
    } else {
        tell_fault(&watched, &err);
    }
    checking_release(&watched.checking);
    context_close(&command->context);
}

// ---------------------------------------------------------------- the command

// STEPs that are none are told now, not at each save.
static bool try_steps(const struct watch_command *command, struct err *err)
{
    struct stage stage = STAGE_INIT;
    struct plan plan = {0};
    bool good = command->word_count == 0;
    if (!good && stage_open(&stage, err) && plan_load(command->context.lab, &stage, &plan, err)) {
        auto_free bool *selected = mem_alloc_array(plan.count, sizeof *selected);
        good = plan_select(command->context.lab, &plan, command->words, command->word_count,
                           selected, err);
    }
    plan_release(&plan);
    stage_close(&stage);
    return good;
}

static void watch(struct watch_command *command, struct err *err)
{
    struct context *context = &command->context;
    command->words = command->call->words;
    command->word_count = command->call->word_count;
    uint64_t seed;
    if (!context_open(context, err) ||
        !context_open_lab(context, &command->words, &command->word_count, true, err) ||
        !context_allow(context->lab, err) || !checking_choose_seed(command->call, &seed, err) ||
        !checking_choose_level(command->call, err) || !try_steps(command, err))
        return;
    context_close_progress(context);
    const struct watch_options options = {.lab = context->lab,
                                          .workspace = &context->workspace,
                                          .command = cmd_program(),
                                          .colour = cmd_value(command->call, "color"),
                                          .poll = cmd_has(command->call, "poll"),
                                          .attempt = make_attempt,
                                          .context = command};
    watch_run(&options, err);
}

static int run_watch(const struct cmd_call *call, struct err *err)
{
    struct watch_command command = {.call = call};
    watch(&command, err);
    context_close(&command.context);
    return 0;
}

static const struct cmd_option options[] = {
    {0, "poll", NULL, "look at the files from time to time, for folders without events"},
    {0, "seed", "N", "the same inputs each time, those of the attempt that had this seed"},
    {0, "color", "WHEN", "auto, always or never"},
    {0, "sandbox", "LEVEL", "namespaces, container or none, instead of the best"},
    {0, "no-sandbox", NULL, "only for programs of your own: limits, no sandbox"},
};

const struct cmd cmd_watch = {
    .name = "watch",
    .arguments = "[LAB] [STEP…]",
    .summary = "check again at every save, on one screen",
    .help = "Checks the program of this workspace, and again whenever a source is saved,\n"
            "added or removed. A save in the middle of a check begins it anew. The screen\n"
            "has the steps that pass and the first failure; its last line names the keys:\n\n"
            "  h  one hint more          r  run again\n"
            "  l  the step's lesson      n  what to do next\n"
            "  t  the failure's trace    q  back from those, or quit\n\n"
            "Space, b, j, k and the arrows scroll. Where there is no screen (a pipe, or\n"
            "TERM=dumb) the reports come below each other.\n\n"
            "exit status: 0 quit, 130 ended by Ctrl-C, 2 usage, 4 the workspace is gone",
    .most_words = 100,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_watch,
};
