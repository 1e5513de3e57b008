// SPDX-License-Identifier: MIT
// The report of an attempt: which lines and checks are shown, the sum, and what to do next.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "render/parts.h"

enum { MOST_NOTES = 3 };

// All steps of the lab were run, all of their checks.
static bool is_complete(const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->step_count; i++)
        if (attempt->steps[i].status == CHECK_NOT_RUN)
            return false;
    for (size_t i = 0; i < attempt->check_count; i++)
        if (attempt->checks[i].status == CHECK_NOT_RUN)
            return false;
    return attempt->step_count == attempt->lab->step_count;
}

static bool is_pass(const struct attempt *attempt)
{
    return attempt_exit_status(attempt) == 0;
}

// ---- the lines, as they become known

void report_begin(struct report *report, const struct screen *screen,
                  const struct report_options *options)
{
    *report = (struct report){.screen = screen, .options = options};
}

static void show_line(struct report *report, const struct attempt *attempt, size_t step)
{
    if (!report->compile_shown)
        render_compile_line(report->screen, attempt, report->options);
    report->compile_shown = true;
    if (step < attempt->step_count && attempt->steps[step].status != CHECK_NOT_RUN)
        render_step_line(report->screen, attempt, &attempt->steps[step]);
}

static void show_held_back(struct report *report, const struct attempt *attempt, size_t end)
{
    for (size_t i = 0; i < end; i++)
        show_line(report, attempt, i);
}

void report_step(struct report *report, const struct attempt *attempt,
                 const struct step_result *step)
{
    size_t index = (size_t)(step - attempt->steps);
    report->seen = index + 1;
    bool trouble = step->status == CHECK_FAILED || step->status == CHECK_BROKEN;
    if (trouble && report->failed && !report->summing && !report->options->all) {
        report->summing = true;
        report->summed = index;
    }
    if (trouble && !report->failed && !report->options->all)
        show_held_back(report, attempt, index + 1);
    else if (report->options->all || (report->failed && !report->summing))
        show_line(report, attempt, index);
    report->failed |= trouble;
    fflush(report->screen->out);
}

static void show_pass_line(const struct report *report, const struct attempt *attempt)
{
    size_t warnings = 0;
    for (size_t i = 0; i < attempt->build.diagnostic_count; i++)
        warnings += str_equal(attempt->build.diagnostics[i].severity, "warning");
    auto_str struct str text = STR_INIT;
    str_append(&text, "compile + ");
    plural_append(&text, attempt->step_count, "step");
    str_append(&text, ", ");
    plural_append(&text, attempt->check_count, "check");
    str_append(&text, ", ");
    if (warnings == 0)
        str_append(&text, "no warnings");
    else
        plural_append(&text, warnings, "warning");
    auto_free char *seconds = str_format("%.2fs", attempt->build.seconds + attempt->seconds);
    print_report_line(report->screen, STYLE_GOOD, "ok", str_text(&text), seconds);
    if (report->options->verbose)
        print_diagnostics(report->screen, &attempt->build, attempt->build.diagnostic_count);
}

void report_end(struct report *report, const struct attempt *attempt)
{
    while (report->seen < attempt->step_count)
        report_step(report, attempt, &attempt->steps[report->seen]);
    if (!report->options->all && is_pass(attempt) && is_complete(attempt))
        show_pass_line(report, attempt);
    else if (!report->failed && !report->options->all)
        show_held_back(report, attempt, attempt->step_count);
    if (report->summing && report->summed + 1 == attempt->step_count)
        show_line(report, attempt, report->summed);
    else if (report->summing)
        print_remaining_steps(report->screen, attempt, report->summed, report->options);
    bool told = report->compile_shown || (is_pass(attempt) && is_complete(attempt));
    if (!told && attempt->broken_reason == NULL)
        render_compile_line(report->screen, attempt, report->options);
    render_attempt(report->screen, attempt, report->options);
}

// ---- the rest

static const struct step_result *first_failed_step(const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->step_count; i++)
        if (attempt->steps[i].status == CHECK_FAILED)
            return &attempt->steps[i];
    return NULL;
}

static bool is_trouble(const struct check_result *check)
{
    return check->status == CHECK_FAILED || check->status == CHECK_BROKEN;
}

// A step's first failing check whole, with options->all every one.
static void print_step(const struct screen *screen, const struct attempt *attempt,
                       const struct step_result *step, const struct report_options *options)
{
    size_t shown = 0;
    for (size_t i = 0; i < step->check_count; i++) {
        const struct check_result *check = &attempt->checks[step->first_check + i];
        if (!is_trouble(check) || (shown > 0 && !options->all))
            continue;
        fputc('\n', screen->out);
        print_check(screen, attempt, step, check, options);
        shown++;
    }
}

static void print_failures(const struct screen *screen, const struct attempt *attempt,
                           const struct report_options *options)
{
    const struct step_result *first = attempt_first_failure(attempt);
    for (size_t i = 0; options->all && i < attempt->step_count; i++)
        print_step(screen, attempt, &attempt->steps[i], options);
    if (options->all || first == NULL)
        return;
    print_step(screen, attempt, first, options);
    // A broken step is nothing that a learner can mend: the first one that is theirs comes too.
    const struct step_result *failed = first_failed_step(attempt);
    if (failed != NULL && failed != first)
        print_step(screen, attempt, failed, options);
}

void sum_append(struct str *text, const struct attempt *attempt)
{
    bool complete = is_complete(attempt);
    size_t run = 0;
    size_t passed = 0;
    int max_points = 0;
    for (size_t i = 0; i < attempt->step_count; i++) {
        const struct step_result *step = &attempt->steps[i];
        run += step->status != CHECK_NOT_RUN;
        passed += step->status == CHECK_PASSED;
        max_points += step->status != CHECK_NOT_RUN ? step->step->points : 0;
    }
    str_append_format(text, "%s  %d/%d points   ", attempt->lab->id, attempt->points,
                      complete ? attempt->max_points : max_points);
    if (complete) {
        str_append_format(text, "%zu of %zu steps", passed, attempt->step_count);
    } else {
        plural_append(text, run, "step");
        str_append_format(text, " run, %zu passed", passed);
    }
}

static void print_sum(const struct screen *screen, const struct attempt *attempt)
{
    auto_str struct str text = STR_INIT;
    sum_append(&text, attempt);
    fputc('\n', screen->out);
    print_wrapped(screen, "", "", str_text(&text));
}

// What passing checks had to say.
static void print_passing_notes(const struct screen *screen, const struct attempt *attempt,
                                const struct report_options *options)
{
    size_t notes = 0;
    for (size_t i = 0; i < attempt->check_count; i++) {
        const struct check_result *check = &attempt->checks[i];
        for (size_t j = 0; check->status == CHECK_PASSED && j < check->notes.count; j++)
            if (notes++ < MOST_NOTES || options->all)
                print_labelled(screen, STYLE_STRONG, "note", "%s: %s", check->id,
                               check->notes.items[j]);
    }
    if (notes > MOST_NOTES && !options->all) {
        auto_str struct str text = STR_INIT;
        plural_append(&text, notes - MOST_NOTES, "more note");
        print_labelled(screen, STYLE_STRONG, "note", "%s (%s check --all)", str_text(&text),
                       options->command);
    }
}

static void print_pass(const struct screen *screen, const struct attempt *attempt,
                       const struct report_options *options)
{
    print_passing_notes(screen, attempt, options);
    if (!is_complete(attempt)) {
        print_sum(screen, attempt);
        screen_print(screen, STYLE_STRONG, "next:");
        fprintf(screen->out, " %s check\n", options->command);
        return;
    }
    if (options->watching) {
        fputc('\n', screen->out);
    } else {
        screen_print(screen, STYLE_GOOD, "PASS");
        fprintf(screen->out, "  %s %d/%d\n", attempt->lab->id, attempt->points,
                attempt->max_points);
    }
    fprintf(screen->out, "compare: %s solution\n", options->command);
    screen_print(screen, STYLE_STRONG, "next:");
    fprintf(screen->out, " %s next\n", options->command);
}

static const char *edited_file(const struct attempt *attempt)
{
    return attempt->lab->edit.count == 1 ? attempt->lab->edit.items[0] : "the program";
}

// "next: edit …", and how it is checked.
static void print_edit(const struct screen *screen, const struct report_options *options,
                       const char *format, ...) __attribute__((format(printf, 3, 4)));
static void print_edit(const struct screen *screen, const struct report_options *options,
                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *edit = str_format_list(format, arguments);
    va_end(arguments);
    if (options->watching)
        print_labelled(screen, STYLE_STRONG, "next", "%s and save it", edit);
    else
        print_labelled(screen, STYLE_STRONG, "next", "%s, then `%s check`", edit, options->command);
}

void render_build_next(const struct screen *screen, const struct attempt *attempt,
                       const struct report_options *options)
{
    const struct build_result *build = &attempt->build;
    const struct build_diagnostic *first =
        build->diagnostic_count > 0 ? &build->diagnostics[0] : NULL;
    if (first != NULL && first->file != NULL && first->line > 0)
        print_edit(screen, options, "edit %s:%d", first->file, first->line);
    else
        print_edit(screen, options, "edit %s", edited_file(attempt));
}

// The line that the first failing check of the step is about, or NULL.
static const struct source_frame *line_to_edit(const struct attempt *attempt,
                                               const struct step_result *step)
{
    for (size_t i = 0; step != NULL && i < step->check_count; i++) {
        const struct check_result *check = &attempt->checks[step->first_check + i];
        if (check->status == CHECK_FAILED)
            return place_to_edit(attempt->lab, check);
    }
    return NULL;
}

static void print_next(const struct screen *screen, const struct attempt *attempt,
                       const struct report_options *options)
{
    const struct step_result *failed = first_failed_step(attempt);
    const struct source_frame *line = line_to_edit(attempt, failed);
    if (line != NULL && !attempt->interrupted)
        print_edit(screen, options, "edit %s:%d", line->file, line->line);
    else if (failed != NULL && !attempt->interrupted)
        print_edit(screen, options, "edit %s for step %s", edited_file(attempt), failed->step->id);
    else if (attempt->interrupted)
        print_labelled(screen, STYLE_STRONG, "next", "%s check", options->command);
    else
        print_labelled(screen, STYLE_STRONG, "next",
                       "tell the author of the lab, then `%s check` tries again", options->command);
}

static void print_broken_lab(const struct screen *screen, const struct attempt *attempt)
{
    screen_print(screen, STYLE_BAD, "BROKEN");
    fprintf(screen->out, " %s\n", attempt->lab->id);
    print_labelled(screen, STYLE_BAD, "error", "%s", attempt->broken_reason);
    print_labelled(screen, STYLE_STRONG, "note",
                   "this is a fault of the lab, not of your program; earlier points are kept");
}

static void print_interruption(const struct screen *screen, const struct attempt *attempt)
{
    size_t missing = 0;
    for (size_t i = 0; i < attempt->check_count; i++)
        missing += attempt->checks[i].status == CHECK_NOT_RUN;
    auto_str struct str text = STR_INIT;
    plural_append(&text, missing, "check");
    print_labelled(screen, STYLE_STRONG, "note", "interrupted; %s not run", str_text(&text));
}

void render_attempt(const struct screen *screen, const struct attempt *attempt,
                    const struct report_options *options)
{
    if (attempt->broken_reason != NULL)
        print_broken_lab(screen, attempt);
    if (attempt->broken_reason == NULL && !attempt->interrupted && !attempt->build.ok) {
        render_build_failure(screen, attempt, options);
        render_build_next(screen, attempt, options);
        return;
    }
    if (is_pass(attempt)) {
        print_pass(screen, attempt, options);
        return;
    }
    print_failures(screen, attempt, options);
    if (attempt->interrupted)
        print_interruption(screen, attempt);
    if (attempt->step_count > 0 && !options->watching)
        print_sum(screen, attempt);
    print_next(screen, attempt, options);
}
