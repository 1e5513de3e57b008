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
    int width; // columns: at most 80
};

// What this terminal can: NO_COLOR, TERM=dumb, `colour` ("auto", "always", "never", NULL for auto),
// COLUMNS, the window's size. No terminal: no colour, 80 columns.
struct screen screen_for(FILE *out, const char *colour);

enum style { STYLE_PLAIN, STYLE_GOOD, STYLE_BAD, STYLE_DIM, STYLE_STRONG, STYLE_POINT };
// Prints text in a style (nothing but the text without colour).
void screen_print(const struct screen *screen, enum style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Prints words wrapped at the width: the first line behind `first`, the others behind `rest`.
// Columns of both count. UTF-8 is never split.
void screen_wrap(const struct screen *screen, const char *first, const char *rest,
                 const char *text);

struct report_options {
    bool all;            // every failing check whole, not only the first
    bool verbose;        // all diagnostics
    const char *command; // how lab is called: "lab" or "./lab"
    size_t hints_shown;  // of the first failing step
    size_t hints_total;
};
// The whole report of an attempt, as a learner sees it, in two parts, so that steps can be printed
// as they are known: the lines of compile and steps, then the feedback, the sum and `next:`.
void render_compile_line(const struct screen *screen, const struct attempt *attempt,
                         const struct report_options *options);
void render_step_line(const struct screen *screen, const struct attempt *attempt,
                      const struct step_result *step);
void render_attempt(const struct screen *screen, const struct attempt *attempt,
                    const struct report_options *options);

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
