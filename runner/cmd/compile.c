// SPDX-License-Identifier: MIT
// Compiling the workspace that a command was called in.
#include "cmd/compile.h"

bool compile_workspace(const struct cmd_call *call, bool no_cache, struct compiled *out,
                       struct err *err)
{
    const char *const *words = call->words;
    size_t word_count = call->word_count;
    if (!context_open(&out->context, err) ||
        !context_open_lab(&out->context, &words, &word_count, true, err) ||
        !context_no_words(&out->context, words, word_count, err) ||
        !workspace_sources(&out->context.workspace, out->context.lab, &out->sources, err) ||
        !stage_open(&out->stage, err))
        return false;
    out->attempt.lab = out->context.lab;
    const struct build_request request = {.lab = out->context.lab,
                                          .sources = &out->sources,
                                          .stage = &out->stage,
                                          .no_cache = no_cache};
    return build_run(&request, &out->attempt.build, err);
}

void compiled_release(struct compiled *compiled)
{
    attempt_release(&compiled->attempt);
    sources_release(&compiled->sources);
    stage_close(&compiled->stage);
    context_close(&compiled->context);
}
