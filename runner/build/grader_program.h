// SPDX-License-Identifier: MIT
/*
 * Graders that are built when they are needed: a course that is not part of lab has graders/ID.c,
 * and lab compiles it against its own kit. What it became is kept in $XDG_CACHE_HOME/lab/graders,
 * by content: an edited grader, another kit or another compiler makes it anew.
 */
#ifndef LAB_GRADER_PROGRAM_H
#define LAB_GRADER_PROGRAM_H

#include "base/err.h"
#include "box/stage.h"
#include "course/course.h"

// The path of the lab's grader as a program: lab->grader, unless that is a source. Compiles as the
// stage's user. The caller frees it. NULL: LAB for a grader that does not compile, with its file
// and line; ENV for what the machine lacks; INTERRUPTED.
char *grader_program(const struct lab *lab, const struct stage *stage, struct err *err);

#endif
