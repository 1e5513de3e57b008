// SPDX-License-Identifier: MIT
// lab solution: the reference solution, after a pass or on giving up.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/str.h"
#include "build/build.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/pager.h"

static bool is_open(struct context *context, bool give_up, struct err *err)
{
    const char *id = context->lab->id;
    struct progress_lab known = {0};
    if (context->progress != NULL && !progress_lab(context->progress, context->lab, &known, err))
        return false;
    bool open = known.passed || known.gave_up;
    progress_lab_release(&known);
    if (open)
        return true;
    if (!give_up) {
        err_set(err, ERR_USAGE, "the solution of %s opens once the lab is passed", id);
        err_set_cure(err, "%s hint gives help; %s solution %s --give-up opens it now",
                     cmd_program(), cmd_program(), id);
        return false;
    }
    struct err warning = ERR_INIT;
    if (context->progress != NULL)
        progress_set_gave_up(context->progress, id, &warning);
    context_warn(&warning);
    return true;
}

static int solution(struct context *context, const struct cmd_call *call, struct err *err)
{
    const char *const *words = call->words;
    size_t word_count = call->word_count;
    if (!context_open(context, err) ||
        !context_open_lab(context, &words, &word_count, false, err) ||
        !context_no_words(context, words, word_count, err) ||
        !is_open(context, cmd_has(call, "give-up"), err))
        return 0;
    auto_free char *folder = path_join(context->lab->folder, "solution");
    struct sources sources = {0};
    if (!sources_read(folder, NULL, &sources, err))
        return 0;
    auto_str struct str text = STR_INIT;
    for (size_t i = 0; i < sources.count; i++) {
        str_append_format(&text, "%s/%s\n\n", folder, sources.items[i].name);
        str_append_bytes(&text, sources.items[i].data, sources.items[i].length);
        str_append(&text, "\n");
    }
    sources_release(&sources);
    pager_print(str_text(&text));
    return 0;
}

static int run_solution(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    int status = solution(&context, call, err);
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {0, "give-up", NULL, "open it although the lab is not passed"},
};

const struct cmd cmd_solution = {
    .name = "solution",
    .arguments = "[LAB]",
    .summary = "read the reference solution, after a pass",
    .help = "Prints the reference solution, to compare with. It opens once every step was\n"
            "passed in one attempt, or with --give-up.",
    .most_words = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_solution,
};
