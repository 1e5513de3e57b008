// SPDX-License-Identifier: MIT
// lab hint: one hint at a time, remembered.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "course/lesson.h"
#include "render/render.h"

// The first step that is not passed, else the last one.
static const struct step *open_step(const struct context *context)
{
    const struct lab *lab = context->lab;
    struct progress_lab known = {0};
    const struct step *step = &lab->steps[0];
    if (context->progress != NULL && progress_lab(context->progress, lab, &known, NULL)) {
        bool passed = true;
        for (size_t i = 0; i < lab->step_count && passed; i++) {
            step = &lab->steps[i];
            passed = false;
            for (size_t k = 0; k < known.step_count; k++)
                passed =
                    passed || (known.steps[k].passed && strcmp(known.steps[k].id, step->id) == 0);
        }
    }
    progress_lab_release(&known);
    return step;
}

// The special hint that fits what the latest attempt saw in this step, or NULL.
static const struct lesson_hint *fitting(const struct context *context,
                                         const struct lesson_section *section)
{
    auto_free char *check = NULL;
    auto_free char *outcome = NULL;
    if (context->progress == NULL ||
        !progress_last_failure(context->progress, context->lab->id, &check, &outcome, NULL) ||
        check == NULL || outcome == NULL)
        return NULL;
    const char *slash = strchr(check, '/');
    if (slash == NULL || strncmp(check, section->step, (size_t)(slash - check)) != 0 ||
        section->step[slash - check] != '\0')
        return NULL;
    for (size_t i = section->numbered; i < section->hint_count; i++)
        if (str_equal(section->hints[i].check, slash + 1) &&
            str_equal(section->hints[i].outcome, outcome))
            return &section->hints[i];
    return NULL;
}

static void print_hint(const struct screen *screen, const char *text)
{
    auto_free char *rendered = render_commonmark(screen, text);
    fputs(rendered, stdout);
}

static void give_hint(struct context *context, const struct screen *screen,
                      const struct lesson_section *section)
{
    struct err warning = ERR_INIT;
    int shown = 0;
    if (context->progress != NULL)
        progress_hints(context->progress, context->lab->id, section->step, &shown, &warning);
    context_warn(&warning);
    const struct lesson_hint *special = fitting(context, section);
    if (special != NULL) {
        screen_say(screen, "%s, for what the last check saw in %s:", section->step, special->check);
        printf("\n");
        print_hint(screen, special->text);
        printf("\n");
    }
    size_t next = (size_t)(shown > 0 ? shown : 0);
    bool all = next >= section->numbered;
    if (all)
        next = section->numbered - 1;
    screen_say(screen, "%s, hint %zu of %zu%s:", section->step, next + 1, section->numbered,
               all ? " (all were shown; this is the last one)" : "");
    printf("\n");
    print_hint(screen, section->hints[next].text);
    if (!all && context->progress != NULL)
        progress_set_hints(context->progress, context->lab->id, section->step, (int)next + 1,
                           &warning);
    context_warn(&warning);
    auto_free char *other = next + 1 < section->numbered
                                ? str_format("hint %zu: `%s hint", next + 2, cmd_program())
                                : str_format("lesson: `%s lesson", cmd_program());
    auto_free char *line = str_format("next: edit, then `%s check %s`; %s %s`", cmd_program(),
                                      section->step, other, section->step);
    printf("\n");
    screen_wrap(screen, "", "      ", line);
}

static int hint(struct context *context, const struct cmd_call *call, struct err *err)
{
    const char *const *words = call->words;
    size_t word_count = call->word_count;
    const struct step *step = NULL;
    struct lesson lesson = {0};
    if (!context_open(context, err) ||
        !context_open_lab(context, &words, &word_count, false, err) ||
        !context_read_step(context, words, word_count, &step, err) ||
        !lesson_load(context->lab, &lesson, err))
        return 0;
    if (step == NULL)
        step = open_step(context);
    const struct lesson_section *section = &lesson.sections[lab_step_index(context->lab, step)];
    const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
    if (section->numbered == 0)
        screen_say(&screen, "%s has no hints; `%s lesson %s` teaches it", step->id, cmd_program(),
                   step->id);
    else
        give_hint(context, &screen, section);
    lesson_release(&lesson);
    return 0;
}

static int run_hint(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    int status = hint(&context, call, err);
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_hint = {
    .name = "hint",
    .arguments = "[LAB] [STEP]",
    .summary = "one hint more",
    .help = "Gives the next hint for a step, one at a time, and remembers how many were\n"
            "given. Without STEP: the first step that is not passed. Where the lesson has a\n"
            "hint for what the last check saw, that one comes first.",
    .most_words = 2,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_hint,
};
