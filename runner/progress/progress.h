// SPDX-License-Identifier: MIT
/*
 * Progress: every attempt, each step's result, hints shown, a copy of the sources, in SQLite under
 * $XDG_DATA_HOME/lab/progress.db (folder 0700, WAL, one transaction an attempt).
 *
 * A store that cannot be opened or written never stops a check: callers print the error as a
 * warning and go on. A damaged file is set aside (renamed, never deleted) and a new one begun;
 * progress_open says so through `note`.
 */
#ifndef LAB_PROGRESS_H
#define LAB_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "grade/attempt.h"

struct progress;

// Opens or creates. *out_note (the caller frees it) is set when a damaged file was set aside.
// Errors: ENV with the path and the cure (read-only, full, newer version of the file). Where what
// is there can be read, though nothing can be written, it opens, and each writing function says the
// error.
struct progress *progress_open(char **out_note, struct err *err);
void progress_close(struct progress *progress); // NULL is allowed
// What progress_open's note would have said, when the damage was met later; the caller frees it.
// NULL mostly.
char *progress_take_note(struct progress *progress);
// Writes what is there already: whether an attempt could be recorded now. Errors: as progress_open.
bool progress_try_write(struct progress *progress, struct err *err);

// Records a finished attempt with its sources (NULL: none were read). Returns its number in
// *out_number: 1, 2, … a workspace. Two processes at once wait for each other (busy time-out of 5
// s).
bool progress_record(struct progress *progress, const char *workspace,
                     const struct attempt *attempt, const struct sources *sources,
                     long long *out_number, struct err *err);

struct progress_step {
    char *id;
    bool passed; // in the latest attempt that judged all of it
    bool ever;   // in any attempt
};
struct progress_lab {
    char *lab;
    char *workspace; // last one used, or NULL
    int points;      // of the latest state of each step
    int max_points;
    long long attempts;
    long long last_at; // when the latest attempt was made, seconds since 1970; 0: never
    bool passed;       // every step passed in one attempt, ever
    bool gave_up;      // solution --give-up
    struct progress_step *steps;
    size_t step_count;
};

// What is known of one lab. A lab without any attempt gives attempts == 0.
bool progress_lab(struct progress *progress, const struct lab *lab, struct progress_lab *out,
                  struct err *err);
void progress_lab_release(struct progress_lab *lab);

bool progress_set_workspace(struct progress *progress, const char *lab, const char *workspace,
                            struct err *err);
bool progress_set_gave_up(struct progress *progress, const char *lab, struct err *err);

// Hints: how many of a step's numbered hints were shown, and remember one more.
bool progress_hints(struct progress *progress, const char *lab, const char *step, int *out_shown,
                    struct err *err);
bool progress_set_hints(struct progress *progress, const char *lab, const char *step, int shown,
                        struct err *err);

// A check that failed, and how: "timeout", "crash" or "mismatch".
struct progress_failure {
    char *check; // "step/check"
    char *outcome;
};
struct progress_failures {
    struct progress_failure *items;
    size_t count;
};
// The checks of a step that failed in the latest attempt that judged it, in their order; none when
// it passed.
bool progress_failures(struct progress *progress, const char *lab, const char *step,
                       struct progress_failures *out, struct err *err);
void progress_failures_release(struct progress_failures *failures);

// The attempts that were made in a workspace.
struct progress_attempt {
    long long number;
    long long at; // seconds since 1970
    bool built;
    int points, max_points; // of the steps that were run
    size_t failed;          // checks
    bool complete;          // every step of the lab passed
    bool kept;              // its sources are still there
    bool same;              // they are those of the attempt before
};
struct progress_attempts {
    struct progress_attempt *items; // in their order
    size_t count;
};
bool progress_attempts(struct progress *progress, const char *workspace,
                       struct progress_attempts *out, struct err *err);
void progress_attempts_release(struct progress_attempts *attempts);

// Of how many attempts of a workspace the sources are kept, and how many bytes of sources: the
// latest ones, and besides these the first attempt that earned the most points. Recording an
// attempt drops what is older; that it was made, and what it earned, is never dropped.
enum { PROGRESS_KEPT_ATTEMPTS = 100, PROGRESS_KEPT_BYTES = 64 << 20 };

// The sources of attempt `number` (0: the latest) of a workspace. No such attempt, or its sources
// are not kept: USAGE.
bool progress_sources(struct progress *progress, const char *workspace, long long number,
                      struct sources *out, struct err *err);

#endif
