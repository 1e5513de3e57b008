// SPDX-License-Identifier: MIT
// One check of the workspace, built and ready to run.
#include "cmd/one_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/seed.h"
#include "render/render.h"

enum { RESULT_MOST = 64 << 20 }; // bytes of .lab/last/result.json

static const long long largest_seed = 9007199254740991;

// The seed of the last attempt, or -1.
static long long last_seed(const struct one_check *one)
{
    auto_free char *path = path_join(one->context.workspace.folder, ".lab/last/result.json");
    struct err ignored = ERR_INIT;
    long long seed = -1;
    struct json_file *file = json_file_read(path, RESULT_MOST, ERR_ENV, &ignored);
    if (file != NULL)
        json_get_integer(file, json_file_root(file), "seed", 0, largest_seed, &seed, &ignored);
    json_file_free(file);
    err_release(&ignored);
    return seed;
}

static bool choose_seed(const struct cmd_call *call, struct one_check *one, struct err *err)
{
    long long seed = last_seed(one);
    if (seed < 0)
        seed = (long long)seed_new();
    if (!cmd_integer(call, "seed", 0, largest_seed, &seed, err))
        return false;
    one->attempt.seed = (uint64_t)seed;
    return true;
}

// .lab/last/ holds a transcript of each check that failed in the last attempt.
static bool failed_last(const struct one_check *one, const char *id)
{
    auto_free char *path = str_format("%s/.lab/last/%s.txt", one->context.workspace.folder, id);
    for (char *c = path + strlen(path) - strlen(id); *c != '\0'; c++)
        if (*c == '/')
            *c = '.';
    return path_exists(path);
}

static bool choose_check(const char *const *words, size_t word_count, struct one_check *one,
                         struct err *err)
{
    const struct plan *plan = &one->plan;
    one->selected = mem_alloc_array(plan->count, sizeof *one->selected);
    if (!plan_select(one->context.lab, plan, words, word_count, one->selected, err))
        return false;
    size_t first = plan->count;
    one->index = plan->count;
    for (size_t i = 0; i < plan->count; i++) {
        if (!one->selected[i])
            continue;
        first = i < first ? i : first;
        if (one->index == plan->count && failed_last(one, plan->checks[i].id))
            one->index = i;
    }
    if (one->index == plan->count)
        one->index = first;
    if (one->index == plan->count) {
        err_set(err, ERR_LAB, "%s has no checks", one->context.lab->id);
        return false;
    }
    for (size_t i = 0; i < plan->count; i++)
        one->selected[i] = i == one->index;
    return true;
}

bool one_check_open(const struct cmd_call *call, struct one_check *out, struct err *err)
{
    const char *const *words = call->words;
    size_t word_count = call->word_count;
    struct context *context = &out->context;
    if (!context_open(context, err) || !context_open_lab(context, &words, &word_count, true, err) ||
        !context_allow(context->lab, err) || !choose_seed(call, out, err) ||
        !stage_open(&out->stage, err) || !plan_load(context->lab, &out->stage, &out->plan, err) ||
        !choose_check(words, word_count, out, err) ||
        !workspace_sources(&context->workspace, context->lab, &out->sources, err))
        return false;
    out->attempt.lab = context->lab;
    const struct build_request request = {
        .lab = context->lab, .sources = &out->sources, .stage = &out->stage};
    return build_run(&request, &out->attempt.build, err);
}

void one_check_release(struct one_check *one)
{
    attempt_release(&one->attempt);
    sources_release(&one->sources);
    plan_release(&one->plan);
    free(one->selected);
    stage_close(&one->stage);
    context_close(&one->context);
}

const char *one_check_id(const struct one_check *one)
{
    return one->plan.checks[one->index].id;
}

struct grade_request one_check_request(const struct one_check *one)
{
    return (struct grade_request){.lab = one->context.lab,
                                  .plan = &one->plan,
                                  .selected = one->selected,
                                  .seed = one->attempt.seed,
                                  .stage = &one->stage,
                                  .build = &one->attempt.build};
}

int one_check_say_build_failure(const struct one_check *one, const struct cmd_call *call)
{
    const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
    const struct report_options report = {.command = cmd_program()};
    render_compile_line(&screen, &one->attempt, &report);
    render_build_failure(&screen, &one->attempt, &report);
    render_build_next(&screen, &one->attempt, &report);
    return 1;
}

int one_check_exit_status(const struct check_result *check)
{
    return check->status == CHECK_PASSED ? 0 : check->status == CHECK_BROKEN ? 3 : 1;
}
