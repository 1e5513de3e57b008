// SPDX-License-Identifier: MIT
/*
 * What was handed in: a folder or an archive a student. Finding them, and taking the sources out of
 * one. Whatever is wrong with a submission is a reason that is told, never an error: one student's
 * file must not stop the grading of the others.
 */
#ifndef LAB_SUBMISSIONS_H
#define LAB_SUBMISSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "box/stage.h"
#include "build/build.h"
#include "course/course.h"

struct submission {
    char *name;    // the folder's, or the archive's without its ending
    char *path;    // absolute
    char *refused; // why it cannot be taken, or NULL
    bool archive;
};
struct submissions {
    struct submission *items; // sorted by name; no two have the same
    size_t count;
};

// All in a folder: folders, .zip, .tar.gz, .tgz; hidden ones and the folder `except` (of results,
// may be NULL or not there) left out. Other files are named in *notes. No submission: USAGE.
bool submissions_find(const char *folder, const char *except, struct submissions *out,
                      struct strings *notes, struct err *err);
void submissions_release(struct submissions *submissions);
const struct submission *submissions_named(const struct submissions *submissions, const char *name);

struct submitted {
    struct sources sources; // with the lab's given files as the lab has them
    char *hash;    // over the student's own sources; those that the lab gives change with the lab
    char *time;    // of the newest source or of the archive: "2026-11-30T18:55:25.123456789Z"
    char *refused; // why there is nothing to grade, or NULL
};
// Takes the sources. Archives are read by the unpacker in a box of the stage. False: the machine's
// fault (ENV), the lab's, or an interrupt.
bool submission_take(const struct submission *submission, const struct lab *lab,
                     const struct stage *stage, struct submitted *out, struct err *err);
void submitted_release(struct submitted *submitted);
// The time alone, without unpacking; NULL when it cannot be told. The caller frees it.
char *submission_time(const struct submission *submission, const struct lab *lab);
// What lies there is what a result with this hash and time was made of. An archive is not unpacked
// for that: its time has to be the same.
bool submission_is(const struct submission *submission, const struct lab *lab, const char *hash,
                   const char *time);

#endif
