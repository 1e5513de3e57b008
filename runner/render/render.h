// SPDX-License-Identifier: MIT
/*
 * All output: the terminal report, JSON, lessons. Words carry the meaning, colour repeats it; lines
 * wrap at 80 columns or at the terminal's width when it is narrower.
 */
#ifndef LAB_RENDER_H
#define LAB_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"
#include "course/course.h"
#include "course/lesson.h"
#include "grade/attempt.h"

struct screen {
    FILE *out; // stdout or a memory stream
    bool colour;
    int width;  // columns: at most 80
    bool plain; // nothing is said by columns or drawings alone: for who hears the screen
};

// What this terminal can: NO_COLOR, TERM=dumb, `colour` ("auto", "always", "never", NULL for auto),
// COLUMNS, the window's size. No terminal: no colour, 80 columns. A dumb terminal is plain, and so
// is everything when SCREEN_PLAIN_VARIABLE is set.
#define SCREEN_PLAIN_VARIABLE "LAB_PLAIN"
struct screen screen_for(FILE *out, const char *colour);

enum style { STYLE_PLAIN, STYLE_GOOD, STYLE_BAD, STYLE_DIM, STYLE_STRONG, STYLE_POINT };
// Prints text in a style (nothing but the text without colour).
void screen_print(const struct screen *screen, enum style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Prints words wrapped at the width: the first line behind `first`, the others behind `rest`.
// Columns of both count. UTF-8 is never split.
void screen_wrap(const struct screen *screen, const char *first, const char *rest,
                 const char *text);

// "ok" or "FAIL", what was looked at, and what was found.
void screen_status(const struct screen *screen, bool good, const char *what, const char *found);
// A paragraph: the formatted text safe and wrapped.
void screen_say(const struct screen *screen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// A command to paste behind a label; where it does not fit, broken as a shell joins it again.
void screen_command(const struct screen *screen, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct report_options {
    bool all;            // every failing check whole, not only the first
    bool verbose;        // all diagnostics
    bool watching;       // a save begins the next check, and the sum is told elsewhere
    const char *command; // how lab is called: "lab" or "./lab"
    size_t hints_shown;  // of the first failing step
    size_t hints_total;
};
// The report of an attempt, as a learner sees it, printed while grading goes on:
//
//     report_begin(&report, &screen, &options);
//     report_step(&report, attempt, step);     // from the grade_listener, for each step
//     report_end(&report, attempt);            // when all is known, or the build failed
//
// Passing steps are held back until the first failing one, since a pass is told in one line;
// options->all prints them at once. What follows the second failing step is summed up.
struct report {
    const struct screen *screen;
    const struct report_options *options;
    size_t seen;   // steps that were told
    size_t summed; // the first step that is summed up, when summing
    bool compile_shown, failed, summing;
};
void report_begin(struct report *report, const struct screen *screen,
                  const struct report_options *options);
void report_step(struct report *report, const struct attempt *attempt,
                 const struct step_result *step);
void report_end(struct report *report, const struct attempt *attempt);

// Its parts: the lines of compile and steps; then the feedback, the sum and `next:`.
void render_compile_line(const struct screen *screen, const struct attempt *attempt,
                         const struct report_options *options);
// What the compiler said, when attempt->build failed: its first error, or all of them (verbose).
void render_build_failure(const struct screen *screen, const struct attempt *attempt,
                          const struct report_options *options);
// The line `next:` after that.
void render_build_next(const struct screen *screen, const struct attempt *attempt,
                       const struct report_options *options);
void render_step_line(const struct screen *screen, const struct attempt *attempt,
                      const struct step_result *step);
void render_attempt(const struct screen *screen, const struct attempt *attempt,
                    const struct report_options *options);

// `lab status` and `lab list`: what they need of the roadmap and of progress. All borrowed.
enum roadmap_lab_status { ROADMAP_LAB_OPEN, ROADMAP_LAB_STARTED, ROADMAP_LAB_PASSED };
struct roadmap_lab_view {
    const char *id, *title;
    enum roadmap_lab_status status;
    int points, max_points;
    size_t steps_passed, step_count;
    // For the list alone:
    const char *summary, *difficulty;
    int minutes;
    const struct strings *prerequisites; // ids, or NULL
    const char *workspace;               // the last one, or NULL
};
struct roadmap_stage_view {
    const char *id, *title;
    const struct roadmap_lab_view *labs; // in their order
    size_t lab_count;
};
struct roadmap_view {
    const struct roadmap_stage_view *stages; // all of them, those without labs too
    size_t stage_count;
    const char
        *current; // id of the lab to go on with, or NULL: the first one that is begun or open
    const char *command; // "lab" or "./lab"
};
void render_roadmap(const struct screen *screen, const struct roadmap_view *view);
char *render_roadmap_json(const struct roadmap_view *view); // the caller frees it
// The labs, a row or two each, below the names of their stages. With `empty` the stages that have
// no labs are named at the end.
void render_labs(const struct screen *screen, const struct roadmap_view *view, bool empty);
// {"version":1,"labs":[{"id","title","summary","stage","difficulty","minutes","prerequisites",
// "status","points","max_points","steps_passed","steps","workspace"}]}. The caller frees it.
char *render_labs_json(const struct roadmap_view *view);
// "open", "started" or "passed". Static.
const char *roadmap_lab_status_name(enum roadmap_lab_status status);

// `lab check --format=gcc`: one line a message, "file:line:column: error: …", with `folder` in
// front of every file.
void render_attempt_gcc(const struct screen *screen, const struct attempt *attempt,
                        const struct report_options *options, const char *folder);
// `lab check --json`. The caller frees it; ends in a newline.
char *render_attempt_json(const struct attempt *attempt);
// One check's exchange as text, for .lab/last/ and the report. The caller frees it.
char *render_transcript(const struct check_result *check);
// CommonMark for the terminal. The caller frees it.
char *render_commonmark(const struct screen *screen, const char *commonmark);
// "lab: message" and the cure on stderr.
void render_error(const struct err *err);
void render_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
