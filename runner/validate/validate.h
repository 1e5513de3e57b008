// SPDX-License-Identifier: MIT
/*
 * Is the grader right? A lab is held against programs that are known to be right (the solution,
 * real servers, unusual programs) and known to be wrong (patches that put one bug into the
 * solution). What does not hold is a fault, one line each; the lab is good when there is none.
 */
#ifndef LAB_VALIDATE_H
#define LAB_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "course/course.h"
#include "validate/bug.h"
#include "validate/head.h"

enum trial_kind { TRIAL_SOLUTION, TRIAL_STUB, TRIAL_EMPTY, TRIAL_WRONG, TRIAL_ACCEPTED };

struct trial_failure {
    char *check;   // "step/check"
    char *message; // what the check said, in the first run that it failed in
};

// One program, and what its runs said.
struct trial {
    enum trial_kind kind;
    char *name;       // "solution", "stub", "empty", or the file's name without its ending
    char *path;       // of its files, for messages
    struct head head; // of wrong and accepted programs
    bool ran;         // compiled and graded in every run
    bool caught;      // a wrong program that failed what it breaks
    int points;       // the least of all runs
    struct trial_failure *failures; // checks that failed in some run, in the lab's order
    size_t failure_count;
    // Wrong programs: the line that the learner is shown for the first check of Breaks.
    bool measured; // that check failed and was looked at
    enum bug_distance distance;
    char *reported_file; // NULL: none
    int reported_line;
    char *reported_how;      // "made_by", "sent_by", …
    bool sends;              // the bug is in a function that sends by itself
    struct strings unsteady; // checks whose verdict was not the same in every run
    struct strings slow;     // checks that used more than two thirds of their limit
    struct strings alike;    // solution: checks that sent the same bytes in every run
    struct strings faults;
};

struct validate_report {
    char *lab;
    size_t checks;
    double seconds;
    struct trial *trials;
    size_t trial_count;
    struct strings faults;   // of the lab as a whole and of every trial
    struct strings warnings; // shown, cost nothing
};

struct validate_options {
    size_t runs;         // attempts a program, each with its own seed; at least 1
    const char *explain; // only this wrong program; NULL: everything
    const char *patch;   // with explain: its patch, which lies elsewhere than in wrong/; or NULL
    bool no_lines;       // verdicts alone: no program is traced
    bool brief;          // wrong programs run only the steps of the checks that they break
    // Called from several threads, one at a time: a trial is done. May be NULL.
    void (*done)(void *context, const struct trial *trial, size_t done, size_t total);
    void *context;
};

// Fills *out, faults included. False and err only for the machine's faults (ENV), an interrupt, or
// an unknown --explain name (USAGE).
bool validate_lab(const struct lab *lab, const struct validate_options *options,
                  struct validate_report *out, struct err *err);
void validate_report_release(struct validate_report *report);

// The head that a wrong program's patch should have after what was seen. The caller frees it.
char *validate_explain(const struct trial *trial);

#endif
