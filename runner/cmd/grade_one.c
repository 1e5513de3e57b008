// SPDX-License-Identifier: MIT
// Grading one submission of a class: as `lab check` does it, and into a result file.
#include "cmd/grade_one.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/checking.h"

// Work that is graded again was handed in when it was handed in, whatever has copied it since.
static void keep_time(const struct grade_one *one, struct class_row *row)
{
    auto_free char *now = results_path(&one->results, row->name);
    auto_free char *before = results_path_before(&one->results, row->name);
    const char *const paths[] = {now, before};
    for (size_t i = 0; i < 2 && paths[i] != NULL && row->sources != NULL; i++) {
        struct class_view view = {.lab = one->lab, .earlier = true};
        struct class_row old = {0};
        if (results_read(paths[i], &view, &old, NULL) && str_equal(old.sources, row->sources) &&
            old.submitted != NULL) {
            free(row->submitted);
            row->submitted = take(old.submitted);
        }
        class_row_release(&old);
        class_view_release(&view);
    }
}

static bool write_row(const struct grade_one *one, struct class_row *row,
                      const struct attempt *attempt, struct err *err)
{
    keep_time(one, row);
    auto_free char *path = results_path(&one->results, row->name);
    auto_free char *text = render_submission_json(one->lab, one->results.seed, row, attempt);
    auto_free char *feedback_path = results_feedback_path(&one->results, row->name);
    auto_free char *feedback = render_submission_feedback(row, attempt);
    // The result last: what has one is done.
    return results_write(feedback_path, feedback, strlen(feedback), err) &&
           results_write(path, text, strlen(text), err);
}

static const char *why_broken(const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->check_count; i++)
        if (attempt->broken_reason == NULL && attempt->checks[i].status == CHECK_BROKEN &&
            attempt->checks[i].message != NULL)
            return attempt->checks[i].message;
    return attempt->broken_reason;
}

static void on_built(void *context)
{
    crew_compiled(context);
}

static void on_progress(void *context, size_t done, size_t total)
{
    crew_share(context, total > 0 ? (double)done / (double)total : 0);
}

// As `lab check` does it.
static enum crew_outcome check(const struct grade_one *one, struct crew_job *job,
                               struct checking *checking, struct class_row *row, struct err *err)
{
    checking->seed = one->results.seed;
    checking->no_cache = true; // a class would push out what the caller works on
    checking->no_lines = one->no_lines;
    checking->gate = job->gate;
    checking->listener =
        (struct checking_listener){.context = job, .built = on_built, .progress = on_progress};
    if (!checking_run_sources(checking, err))
        return err->kind == ERR_ENV ? CREW_FAILED : CREW_STOPPED;
    bool broken = checking->attempt.broken > 0 || checking->attempt.broken_reason != NULL;
    row->status = broken ? CLASS_BROKEN : CLASS_GRADED;
    row->message = broken ? mem_copy_string(why_broken(&checking->attempt)) : NULL;
    if (!write_row(one, row, &checking->attempt, err))
        return CREW_STOPPED;
    return broken ? CREW_BROKEN : CREW_DONE;
}

static enum crew_outcome take_and_check(const struct grade_one *one, struct crew_job *job,
                                        struct checking *checking, struct class_row *row,
                                        struct err *err)
{
    const struct submission *submission = &one->submissions.items[job->index];
    struct submitted submitted = {0};
    if (!stage_open(&checking->stage, err) ||
        !submission_take(submission, one->lab, &checking->stage, &submitted, err))
        return err->kind == ERR_ENV ? CREW_FAILED : CREW_STOPPED;
    row->name = mem_copy_string(submission->name);
    row->submitted = take(submitted.time);
    row->sources = take(submitted.hash);
    checking->sources = submitted.sources;
    submitted.sources = (struct sources){0};
    row->message = take(submitted.refused);
    submitted_release(&submitted);
    if (row->message == NULL)
        return check(one, job, checking, row, err);
    row->status = CLASS_REFUSED;
    row->sandbox = mem_copy_string(box_level_name(checking->stage.level));
    return write_row(one, row, NULL, err) ? CREW_DONE : CREW_STOPPED;
}

enum crew_outcome grade_one(void *context, struct crew_job *job, struct err *err)
{
    const struct grade_one *one = context;
    struct context lab = {.lab = one->lab};
    struct checking checking = CHECKING_INIT;
    struct class_row row = {0};
    checking.context = &lab;
    enum crew_outcome outcome = take_and_check(one, job, &checking, &row, err);
    class_row_release(&row);
    checking_release(&checking);
    return outcome;
}

bool grade_give_up(void *context, size_t index, const struct err *why, struct err *err)
{
    const struct grade_one *one = context;
    const struct submission *submission = &one->submissions.items[index];
    struct class_row row = {.name = mem_copy_string(submission->name),
                            .status = CLASS_BROKEN,
                            .message = mem_copy_string(why->message),
                            .submitted = submission_time(submission, one->lab)};
    bool written = write_row(one, &row, NULL, err);
    class_row_release(&row);
    return written;
}
