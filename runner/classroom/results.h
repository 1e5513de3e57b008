// SPDX-License-Identifier: MIT
/*
 * The folder of results:
 *
 *     run.json             which lab, which version, which seed
 *     results/NAME.json    what is known of a submission, written as soon as it is known
 *     feedback/NAME.txt    the same as `lab check` says it, to be handed back
 *     grades.csv           made of these, at the end
 *     report.html          the same
 *     before-N/            the same of an earlier grading (--again)
 *
 * All of it is the caller's alone (0700, 0600). One grading at a time writes it. Every file is
 * written beside its place, synced and renamed, so that whatever ends lab leaves whole files.
 */
#ifndef LAB_RESULTS_H
#define LAB_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "course/course.h"
#include "render/class.h"

enum results_mode {
    RESULTS_NEW,    // the folder is empty, or is made
    RESULTS_RESUME, // what is there stays, of the same version of the lab
    RESULTS_AGAIN,  // what is there is moved to before-N
};

struct results {
    char *folder; // absolute
    int lock;
    uint64_t seed;   // the class's
    unsigned before; // number of the latest before-N; 0: none
};
#define RESULTS_INIT                                                                               \
    {                                                                                              \
        NULL, -1, 0, 0                                                                             \
    }

// `seed` (may be NULL): the one to use; else that of the grading before, else a new one. Errors:
// USAGE (other results are there), ENV (it cannot be written, or another lab writes it).
bool results_open(const char *folder, const struct lab *lab, enum results_mode mode,
                  const uint64_t *seed, struct results *out, struct err *err);
void results_release(struct results *results);

// Path of a submission's file; the caller frees it. A name may hold any bytes.
char *results_path(const struct results *results, const char *name);
char *results_feedback_path(const struct results *results, const char *name);
// The last part of that; the caller frees it.
char *results_feedback_name(const char *name);
// The same in the grading before; NULL when there is none.
char *results_path_before(const struct results *results, const char *name);
bool results_write(const char *path, const char *text, size_t length, struct err *err);
// Reads one into a row. False: it is not there, or is none (*why, may be NULL, says what is wrong
// then; nothing when it is not there).
bool results_read(const char *path, struct class_view *view, struct class_row *out,
                  struct err *why);
// The bytes of one; false when it cannot be read.
bool results_text(const char *path, struct str *out);

// What has changed since the grading before: fills view->changes.
void results_compare(const struct results *results, struct class_view *view);

#endif
