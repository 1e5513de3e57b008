// SPDX-License-Identifier: MIT
// lab lesson: the lesson, or one step's section, in the terminal.
#include "course/lesson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/pager.h"
#include "render/render.h"

static void append_section(struct str *out, const struct lesson_section *section, size_t number)
{
    str_append_format(out, "## %zu %s: %s\n\n%s\n", number, section->step, section->title,
                      section->text);
}

// A title stands at the top; only comments, such as the licence's, may stand above it.
static bool has_title(const char *introduction)
{
    const char *text = introduction + strspn(introduction, " \n");
    while (str_starts_with(text, "<!--")) {
        const char *end = strstr(text, "-->");
        if (end == NULL)
            return false;
        text = end + strlen("-->");
        text += strspn(text, " \n");
    }
    return str_starts_with(text, "# ");
}

static int lesson(struct context *context, const struct cmd_call *call, struct err *err)
{
    const char *const *words = call->words;
    size_t word_count = call->word_count;
    struct lesson text = {0};
    if (!context_open(context, err) ||
        !context_open_lab(context, &words, &word_count, false, err) ||
        !lesson_load(context->lab, &text, err))
        return 0;
    const struct step *step = word_count > 0 ? lab_step(context->lab, words[0]) : NULL;
    if (word_count > 1 || (word_count == 1 && step == NULL)) {
        err_set(err, ERR_USAGE, "%s has no step %s", context->lab->id, words[word_count - 1]);
        err_set_cure(err, "steps are named by id or by number (1-%zu)", context->lab->step_count);
        lesson_release(&text);
        return 0;
    }
    auto_str struct str chosen = STR_INIT;
    if (step != NULL) {
        size_t index = lab_step_index(context->lab, step);
        append_section(&chosen, &text.sections[index], index + 1);
    } else {
        if (!has_title(text.introduction))
            str_append_format(&chosen, "# %s\n\n", context->lab->title);
        str_append_format(&chosen, "%s\n", text.introduction);
        for (size_t i = 0; i < text.count; i++)
            append_section(&chosen, &text.sections[i], i + 1);
    }
    const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
    auto_free char *rendered = render_commonmark(&screen, str_text(&chosen));
    pager_print(rendered);
    lesson_release(&text);
    return 0;
}

static int run_lesson(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    int status = lesson(&context, call, err);
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_lesson = {
    .name = "lesson",
    .arguments = "[LAB] [STEP]",
    .summary = "read the lesson, or one step of it",
    .help = "Prints the lesson, through $PAGER when it is longer than the terminal. The hints\n"
            "are left out: `lab hint` gives them one at a time.",
    .most_words = 2,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_lesson,
};
