// SPDX-License-Identifier: MIT
/*
 * A class: what is known of each submission, and the forms in which it is written. A result file is
 * the whole of what is known of one submission; everything else is made from result files.
 */
#ifndef LAB_RENDER_CLASS_H
#define LAB_RENDER_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"
#include "course/course.h"
#include "grade/attempt.h"
#include "render/render.h"

enum class_status {
    CLASS_OPEN,    // not graded yet
    CLASS_GRADED,  // it has a verdict of the checks, or of the compiler
    CLASS_REFUSED, // it is no submission: an empty folder, a damaged archive
    CLASS_BROKEN,  // the grader or the machine failed: no verdict, and no points are lost
};

struct class_row {
    char *name; // of the folder, or of the archive without its ending; any bytes
    enum class_status status;
    char *message;   // why it is refused or broken; or of its first failing check; or NULL
    char *submitted; // "2026-11-30T18:55:25.123456789Z", or NULL
    char *sources;   // a hash over them, or NULL
    char *sandbox;   // level, or NULL
    char *feedback;  // name of its file in feedback/, or NULL
    bool compiled;
    int points;
    size_t steps_passed;       // those in front of the first one that is not passed
    enum check_status *steps;  // of each step of the lab; NULL when not graded
    enum check_status *checks; // of each check of the class; NULL when not graded
};

struct class_change { // between two gradings of the same submission
    char *name;
    int points_before, points_now;
    bool other_sources;           // what was handed in is not the same
    struct strings better, worse; // checks; or words for what has no checks
};

struct class_view {
    const struct lab *lab; // borrowed
    uint64_t seed;
    char *graded; // when: "2026-11-30T18:55:25Z"
    int max_points;
    struct strings checks, titles; // "step/check", and as sentences
    struct class_row *rows;        // sorted by name
    size_t count;
    bool earlier; // rows of another version of the lab, perhaps: its steps may be others
    struct class_change *changes; // since the grading before; NULL with has_before: none
    size_t change_count;
    bool has_before;
};
void class_row_release(struct class_row *row);
void class_view_release(struct class_view *view);

// "open", "graded", "refused", "broken". Static.
const char *class_status_name(enum class_status status);

// ---- one submission
// Its result file: the object of `lab check --json` (attempt not NULL) and `submission`, `status`,
// `message`, `submitted`, `sources`. The caller frees it.
char *render_submission_json(const struct lab *lab, uint64_t seed, const struct class_row *row,
                             const struct attempt *attempt);
// As `lab check` says it to the student: without colours, 80 columns. The caller frees it.
char *render_submission_feedback(const struct class_row *row, const struct attempt *attempt);
// Back from such text, which may be anything: false and LAB when it is no result of this lab. The
// checks of the first one become those of the view; one with other checks is no result of it.
bool class_row_read(const char *path, const char *text, size_t length, struct class_view *view,
                    struct class_row *out, struct err *err);

// ---- the class
// What is printed at the end.
void render_class(const struct screen *screen, const struct class_view *view);
// {"version":1,"lab",…,"submissions":[…],"changes":[…]}. The caller frees it.
char *render_class_json(const struct class_view *view);
// assignment,timestamp,student_id,raw_score,score,max_score (RFC 4180). The caller frees it.
char *render_class_csv(const struct class_view *view);
// One self-contained page. The caller frees it.
char *render_class_page(const struct class_view *view);

// ---- JUnit, as build servers read it
void junit_begin(struct str *out);
// A testsuite from a result file's text, or from that of `lab check --json`: false when it is none.
bool junit_suite(struct str *out, const char *json, size_t length);
void junit_end(struct str *out);

// ---- progress on a terminal
struct progress_bar {
    const struct screen *screen; // of stderr
    double begun;                // seconds
    size_t width;                // of what stands there now; 0: nothing
};
// Draws "grading  [####....]  34/300  5 min left". `done` of `count` submissions, of which `share`
// more in parts. `now`, `begun`: seconds on one clock.
void progress_bar_draw(struct progress_bar *bar, size_t done, size_t count, double share,
                       double now);
void progress_bar_clear(struct progress_bar *bar);

#endif
