// SPDX-License-Identifier: MIT
/*
 * The workspace: the learner's folder. `.lab/workspace.json` says which lab it belongs to;
 * `.lab/last/` holds the last attempt's transcripts, stderr and compile command. The learner's
 * files are never overwritten without a backup.
 */
#ifndef LAB_WORKSPACE_H
#define LAB_WORKSPACE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "course/course.h"
#include "grade/attempt.h"

struct workspace {
    char *folder;  // absolute
    char *lab;     // id
    char *course;  // the course's root when it was made
    char *version; // the lab's version when it was made
};

// The workspace that `folder` or one of its parents is. None: USAGE with the cure. A broken
// .lab/workspace.json or one of another version: ENV with file, line and cure.
bool workspace_find(const char *folder, struct workspace *out, struct err *err);
void workspace_release(struct workspace *workspace);

// Makes one: copies the stub, writes .lab/, ./lab, Makefile, compile_commands.json. Never
// overwrites: a file that is there and differs is USAGE. Existing workspace of the same lab:
// nothing is changed, *out_existed is true.
bool workspace_create(const struct lab *lab, const char *folder, bool *out_existed,
                      struct workspace *out, struct err *err);
// Restores given files and what the workspace lost of its own (Makefile, ./lab, …); names what it
// changed in *notes.
bool workspace_refresh(const struct workspace *workspace, const struct lab *lab,
                       struct strings *notes, struct err *err);
// The sources that a check builds: the learner's, with the lab's given files as the lab has them,
// whatever lies in a workspace that cannot be written.
bool workspace_sources(const struct workspace *workspace, const struct lab *lab,
                       struct sources *out, struct err *err);
// Copies the learner's files to .lab/backup/<n>/ and puts the stub (or `sources`) in their place.
// *out_backup: that folder; the caller frees it.
bool workspace_reset(const struct workspace *workspace, const struct lab *lab,
                     const struct sources *sources, char **out_backup, struct err *err);
// Replaces .lab/last/: one transcript a failed check, stderr, the raw compiler output, the command,
// result.json. A read-only or full disk: ENV, and the check still counts.
bool workspace_write_last(const struct workspace *workspace, const struct attempt *attempt,
                          const char *result_json, struct err *err);

#endif
