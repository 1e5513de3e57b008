// SPDX-License-Identifier: MIT
/*
 * What most commands begin with: the courses, the workspace they were called in, the lab, and the
 * progress file. A progress file that cannot be opened is a warning; everything else goes on.
 */
#ifndef LAB_CONTEXT_H
#define LAB_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "course/course.h"
#include "progress/progress.h"
#include "workspace/workspace.h"

struct context {
    struct courses courses;
    bool in_workspace;
    struct workspace workspace; // when in_workspace
    struct lab *lab;            // after context_open_lab
    struct progress *progress;  // NULL: not to be had
};

// Courses and progress. Prints warnings about the progress file.
bool context_open(struct context *out, struct err *err);
void context_close(struct context *context);

// Progress alone: closed before a fork, opened again in the child.
void context_open_progress(struct context *context);
void context_close_progress(struct context *context);

// The lab that a call means: the workspace's, unless the first word names another one; outside of a
// workspace the first word. *words and *count then begin behind that word. With `need_workspace`, a
// lab named outside of its workspace means the last workspace that was used for it.
bool context_open_lab(struct context *context, const char *const **words, size_t *count,
                      bool need_workspace, struct err *err);

// In a workspace (`folder`, or one above it) that lies outside of its course, that course is known,
// too, where no other one has its lab.
void context_know_workspace(struct courses *courses, const char *folder);

// Asks on a terminal, and appends the line that is typed. False: no terminal, or no answer.
bool context_ask(const char *question, struct str *out);
// Before a lab's grader runs for the first time: on a terminal, asks whether its course may run
// graders, where that is not part of lab. Without a terminal nothing is asked, and the grader does
// not start.
bool context_allow(const struct lab *lab, struct err *err);

// The words behind the lab name at most one step, by id or number: *out_step, NULL without a word.
bool context_read_step(const struct context *context, const char *const *words, size_t count,
                       const struct step **out_step, struct err *err);
// Nothing may stand behind the lab.
bool context_no_words(const struct context *context, const char *const *words, size_t count,
                      struct err *err);

// Calls a function of progress/ that failed: warns, clears the error, goes on.
void context_warn(struct err *err);

#endif
