// SPDX-License-Identifier: MIT
// What most commands begin with: courses, workspace, lab, progress.
#include "cmd/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "render/render.h"

void context_warn(struct err *err)
{
    if (err->kind == ERR_NONE)
        return;
    render_error(err);
    err_release(err);
}

void context_open_progress(struct context *context)
{
    struct err warning = ERR_INIT;
    auto_free char *note = NULL;
    context->progress = progress_open(&note, &warning);
    if (note != NULL)
        render_warning("%s", note);
    context_warn(&warning);
}

void context_close_progress(struct context *context)
{
    progress_close(context->progress);
    context->progress = NULL;
}

bool context_open(struct context *out, struct err *err)
{
    *out = (struct context){0};
    if (!courses_find(&out->courses, err))
        return false;
    context_open_progress(out);
    return true;
}

bool context_no_words(const struct context *context, const char *const *words, size_t count,
                      struct err *err)
{
    if (count == 0)
        return true;
    // It stands where a lab does, so it was meant to be one.
    struct lab *lab = lab_load(&context->courses, words[0], err);
    if (lab != NULL)
        err_set(err, ERR_USAGE, "%s is named twice", words[0]);
    lab_free(lab);
    return false;
}

bool context_read_step(const struct context *context, const char *const *words, size_t count,
                       const struct step **out_step, struct err *err)
{
    const struct lab *lab = context->lab;
    *out_step = count == 1 ? lab_step(lab, words[0]) : NULL;
    if (count == 0 || *out_step != NULL)
        return true;
    if (count > 1)
        return context_no_words(context, words, count, err);
    const char *word = words[0];
    auto_free const char **ids = mem_alloc_array(lab->step_count, sizeof *ids);
    for (size_t i = 0; i < lab->step_count; i++)
        ids[i] = lab->steps[i].id;
    const char *meant = text_suggest(word, ids, lab->step_count);
    err_set(err, ERR_USAGE, "%s has no step %s", lab->id, word);
    if (meant != NULL)
        err_set_cure(err, "did you mean %s?", meant);
    else
        err_set_cure(err, "steps are named by id or by number (1-%zu)", lab->step_count);
    return false;
}

void context_close(struct context *context)
{
    progress_close(context->progress);
    lab_free(context->lab);
    if (context->in_workspace)
        workspace_release(&context->workspace);
    courses_release(&context->courses);
    *context = (struct context){0};
}

void context_know_workspace(struct courses *courses, const char *folder)
{
    struct workspace workspace = {0};
    struct err none = ERR_INIT; // whoever needs a workspace says why there is none
    if (workspace_find(folder, &workspace, &none)) {
        auto_free char *known = courses_lab_folder(courses, workspace.lab);
        auto_free char *in_course = str_format("%s/labs/%s", workspace.course, workspace.lab);
        if (known == NULL && path_exists(in_course))
            strings_add(&courses->roots, workspace.course);
        workspace_release(&workspace);
    }
    err_release(&none);
}

// One line of an answer, without its end. False at the end of input.
static bool read_line(struct str *out)
{
    char c;
    ssize_t got;
    while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
        str_append_char(out, c);
    return got == 1;
}

bool context_ask(const char *question, struct str *out)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return false;
    fflush(stdout);
    fprintf(stderr, "%s ", question);
    if (read_line(out))
        return true;
    fprintf(stderr, "\n");
    return false;
}

bool context_allow(const struct lab *lab, struct err *err)
{
    if (course_is_allowed(lab->course) || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return true; // or whoever starts the grader says how it is allowed
    const struct screen screen = screen_for(stderr, NULL);
    fflush(stdout);
    screen_say(&screen,
               "The course %s is not part of lab. Its graders are programs that run with your "
               "rights, outside of the sandbox: allow only what you trust.",
               lab->course);
    auto_str struct str answer = STR_INIT;
    bool yes =
        context_ask("Allow it to run them from now on? [y/N]", &answer) &&
        (strcasecmp(str_text(&answer), "y") == 0 || strcasecmp(str_text(&answer), "yes") == 0);
    if (interrupt_happened(err))
        return false;
    if (yes)
        return course_allow(lab->course, err);
    err_set(err, ERR_ENV, "the course %s was not allowed to run its graders", lab->course);
    return false;
}

// The workspace that was last used for a lab.
static bool find_last_workspace(struct context *context, struct err *err)
{
    struct progress_lab known = {0};
    struct err unread = ERR_INIT;
    auto_free char *folder = NULL;
    if (context->progress != NULL && progress_lab(context->progress, context->lab, &known, &unread))
        folder = mem_copy_string(known.workspace);
    progress_lab_release(&known);
    context_warn(&unread);
    if (folder == NULL) {
        err_set(err, ERR_USAGE, "%s has no workspace yet", context->lab->id);
        err_set_cure(err, "%s start %s", cmd_program(), context->lab->id);
        return false;
    }
    if (!workspace_find(folder, &context->workspace, err)) {
        err_add_context(err, "the last workspace of %s", context->lab->id);
        err_set_cure(err, "%s start %s", cmd_program(), context->lab->id);
        return false;
    }
    context->in_workspace = true;
    return true;
}

bool context_open_lab(struct context *context, const char *const **words, size_t *count,
                      bool need_workspace, struct err *err)
{
    struct err outside = ERR_INIT;
    context->in_workspace = workspace_find(".", &context->workspace, &outside);
    if (!context->in_workspace && outside.kind != ERR_USAGE) {
        err_move(err, &outside); // a workspace that is damaged
        return false;
    }
    const char *named = *count > 0 ? (*words)[0] : NULL;
    auto_strings struct strings ids = STRINGS_INIT;
    if (!courses_list(&context->courses, &ids, err)) {
        err_release(&outside);
        return false;
    }
    bool other = named != NULL && strings_have(&ids, named) &&
                 (!context->in_workspace || strcmp(named, context->workspace.lab) != 0);
    bool same =
        named != NULL && context->in_workspace && strcmp(named, context->workspace.lab) == 0;
    if (context->in_workspace && !other) {
        err_release(&outside);
        if (same) {
            (*words)++;
            (*count)--;
        }
        auto_free char *in_course =
            str_format("%s/labs/%s", context->workspace.course, context->workspace.lab);
        // The course that it was made from, where it still is; else whoever has the lab now.
        context->lab = path_exists(in_course)
                           ? lab_load_folder(in_course, err)
                           : lab_load(&context->courses, context->workspace.lab, err);
        return context->lab != NULL;
    }
    if (named == NULL) {
        err_move(err, &outside);
        return false;
    }
    err_release(&outside);
    if (context->in_workspace)
        workspace_release(&context->workspace);
    context->in_workspace = false;
    context->lab = lab_load(&context->courses, named, err);
    (*words)++;
    (*count)--;
    return context->lab != NULL && (!need_workspace || find_last_workspace(context, err));
}
