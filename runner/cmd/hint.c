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

// ---------------------------------------------------------------- hints for what was seen

static const struct lesson_hint *find_special(const struct lesson_section *section,
                                              const struct progress_failure *failure)
{
    const char *slash = strchr(failure->check, '/');
    for (size_t i = section->numbered; slash != NULL && i < section->hint_count; i++)
        if (str_equal(section->hints[i].check, slash + 1) &&
            str_equal(section->hints[i].outcome, failure->outcome))
            return &section->hints[i];
    return NULL;
}

// The name under which progress remembers that it was given. No step is called so: it has blanks.
static char *special_key(const struct lesson_section *section, const struct lesson_hint *hint)
{
    return str_format("%s %s %s", section->step, hint->check, hint->outcome);
}

// The special hint for the first failing check of this step that has one, or NULL. It comes once;
// with `again` those count that were given.
static const struct lesson_hint *fitting(const struct context *context,
                                         const struct lesson_section *section, bool again)
{
    struct progress_failures failures = {0};
    const struct lesson_hint *found = NULL;
    if (context->progress == NULL ||
        !progress_failures(context->progress, context->lab->id, section->step, &failures, NULL))
        return NULL;
    for (size_t i = 0; i < failures.count && found == NULL; i++) {
        const struct lesson_hint *hint = find_special(section, &failures.items[i]);
        if (hint == NULL)
            continue;
        auto_free char *key = special_key(section, hint);
        int given = 0;
        progress_hints(context->progress, context->lab->id, key, &given, NULL);
        if ((given > 0) == again)
            found = hint;
    }
    progress_failures_release(&failures);
    return found;
}

// ---------------------------------------------------------------- giving them

static void print_hint(const struct screen *screen, const char *text)
{
    auto_free char *rendered = render_commonmark(screen, text);
    printf("\n");
    fputs(rendered, stdout);
}

static void print_special(const struct screen *screen, const struct lesson_section *section,
                          const struct lesson_hint *hint)
{
    screen_say(screen, "%s, for what the last check saw in %s:", section->step, hint->check);
    print_hint(screen, hint->text);
}

static void print_numbered(const struct screen *screen, const struct lesson_section *section,
                           size_t index, const char *remark)
{
    screen_say(screen, "%s, hint %zu of %zu%s:", section->step, index + 1, section->numbered,
               remark);
    print_hint(screen, section->hints[index].text);
}

// What else there is: the next hint, or the lesson.
static void print_next(const struct screen *screen, const struct lesson_section *section,
                       size_t next)
{
    auto_free char *other = next < section->numbered
                                ? str_format("hint %zu: `%s hint", next + 1, cmd_program())
                                : str_format("lesson: `%s lesson", cmd_program());
    auto_free char *line = str_format("next: edit, then `%s check %s`; %s %s`", cmd_program(),
                                      section->step, other, section->step);
    printf("\n");
    screen_wrap(screen, "", "      ", line);
}

// Remembers a number under a step's or a special hint's name.
static bool remember(struct context *context, const char *name, size_t number)
{
    struct err warning = ERR_INIT;
    bool done = context->progress != NULL && progress_set_hints(context->progress, context->lab->id,
                                                                name, (int)number, &warning);
    context_warn(&warning);
    return done;
}

static size_t count_shown(struct context *context, const struct lesson_section *section)
{
    struct err warning = ERR_INIT;
    int shown = 0;
    if (context->progress != NULL)
        progress_hints(context->progress, context->lab->id, section->step, &shown, &warning);
    context_warn(&warning);
    size_t count = (size_t)(shown > 0 ? shown : 0);
    return count < section->numbered ? count : section->numbered;
}

static void give_hint(struct context *context, const struct screen *screen,
                      const struct lesson_section *section)
{
    size_t shown = count_shown(context, section);
    const struct lesson_hint *special = fitting(context, section, false);
    if (special != NULL) {
        print_special(screen, section, special);
        auto_free char *key = special_key(section, special);
        // Where nothing can be remembered it would come each time, and hide the others.
        if (remember(context, key, 1) || section->numbered == 0) {
            print_next(screen, section, shown);
            return;
        }
        printf("\n");
    }
    bool all = shown == section->numbered;
    size_t index = all ? shown - 1 : shown;
    print_numbered(screen, section, index, all ? " (all were shown; this is the last one)" : "");
    if (!all)
        remember(context, section->step, index + 1);
    print_next(screen, section, index + 1);
}

// Those that were given, to read them once more.
static void give_again(struct context *context, const struct screen *screen,
                       const struct lesson_section *section)
{
    size_t shown = count_shown(context, section);
    const struct lesson_hint *special = fitting(context, section, true);
    if (special != NULL)
        print_special(screen, section, special);
    for (size_t i = 0; i < shown; i++) {
        if (i > 0 || special != NULL)
            printf("\n");
        print_numbered(screen, section, i, "");
    }
    if (special == NULL && shown == 0)
        screen_say(screen, "no hint for %s was given yet", section->step);
    print_next(screen, section, shown);
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
    if (section->hint_count == 0 ||
        (section->numbered == 0 && fitting(context, section, false) == NULL))
        screen_say(&screen, "%s has no hints; `%s lesson %s` teaches it", step->id, cmd_program(),
                   step->id);
    else if (cmd_has(call, "again"))
        give_again(context, &screen, section);
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
    {0, "again", NULL, "those that were given, once more"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_hint = {
    .name = "hint",
    .arguments = "[LAB] [STEP]",
    .summary = "one hint more",
    .help = "Gives the next hint for a step, one at a time, and remembers how many were\n"
            "given. Without STEP: the first step that is not passed. Where the lesson has a\n"
            "hint for the check that failed, and for the way in which it did, that one comes\n"
            "first.",
    .most_words = 2,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_hint,
};
