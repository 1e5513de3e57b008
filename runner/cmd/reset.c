// SPDX-License-Identifier: MIT
// lab reset: the stub again, or the files of an earlier attempt; what was there is kept.
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "render/render.h"

static bool earlier_sources(struct context *context, long long number, struct sources *out,
                            struct err *err)
{
    if (context->progress == NULL) {
        err_set(err, ERR_ENV, "earlier attempts are not to be had without the progress file");
        return false;
    }
    return progress_sources(context->progress, context->workspace.folder, number, out, err);
}

static int reset(struct context *context, const struct cmd_call *call, struct err *err)
{
    const char *const *words = call->words;
    size_t word_count = call->word_count;
    long long number = 0;
    if (!cmd_integer(call, "to", 1, 1000000000, &number, err) || !context_open(context, err) ||
        !context_open_lab(context, &words, &word_count, true, err) ||
        !context_no_words(context, words, word_count, err))
        return 0;
    struct sources sources = {0};
    if (number > 0 && !earlier_sources(context, number, &sources, err))
        return 0;
    auto_free char *backup = NULL;
    bool done = workspace_reset(&context->workspace, context->lab, number > 0 ? &sources : NULL,
                                &backup, err);
    sources_release(&sources);
    if (!done)
        return 0;
    const struct screen screen = screen_for(stdout, NULL);
    if (number > 0)
        screen_say(&screen, "%s is as it was in attempt %lld", context->workspace.folder, number);
    else
        screen_say(&screen, "%s holds the stub again", context->workspace.folder);
    screen_say(&screen, "your files are kept in %s", backup);
    return 0;
}

static int run_reset(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    int status = reset(&context, call, err);
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {0, "to", "N", "the files of attempt N instead of the stub"},
};

const struct cmd cmd_reset = {
    .name = "reset",
    .arguments = "[LAB]",
    .summary = "begin again; your files are kept",
    .help = "Puts the stub (or the files of an earlier attempt) into the workspace. What was\n"
            "there is copied first, and the command says where to.",
    .most_words = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_reset,
};
