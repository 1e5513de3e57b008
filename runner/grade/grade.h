// SPDX-License-Identifier: MIT
/*
 * Grading: start the grader, run its checks in cells on all cores, read records, decide verdicts.
 */
#ifndef LAB_GRADE_H
#define LAB_GRADE_H

#include "base/err.h"
#include "box/stage.h"
#include "build/build.h"
#include "course/course.h"
#include "grade/attempt.h"

// What the grader says of itself (GRADER --list).
struct plan_check {
    char *id; // "step/check"
    char *title;
    bool plain_build;
    bool waits; // for a time-out of the program: begun first
};
struct plan {
    struct plan_check *checks; // in the order of the lab's steps
    size_t count;
};

// Asks the grader, run by the stage's user, and compares with lab.json: a check of an unknown step,
// a step without checks, a doubled check is an error of kind LAB.
bool plan_load(const struct lab *lab, const struct stage *stage, struct plan *out, struct err *err);
void plan_release(struct plan *plan);

// Which checks to run, from STEP words: an id, a number, "A-B", "step/check". No words: all.
// Unknown words: USAGE with a suggestion. selected[i] belongs to plan->checks[i].
bool plan_select(const struct lab *lab, const struct plan *plan, const char *const *words,
                 size_t word_count, bool *selected, struct err *err);

// Called while grading goes on; any may be NULL.
struct grade_listener {
    void *context;
    // A step's checks are all there. Called in the lab's order.
    void (*step_done)(void *context, const struct attempt *attempt, const struct step_result *step);
    void (*progress)(void *context, size_t done, size_t total);
};

// Who looks at programs while they run (trace/). The kit of a check that wants its program looked
// at writes to a socket; the other end is handed over as soon as it can be read.
struct grade_tracing {
    void *context;
    bool from_start; // programs are traced from their first instruction; false: only when stuck
    // A check's program is there to be looked at. `socket` (seqpacket, a message is waiting in it;
    // graders/README.md has the messages) is the callee's from now on. `check` is the index in the
    // plan. Called in the thread of grade_run; must not wait.
    void (*wanted)(void *context, size_t check, int socket);
};

struct grade_gate;

struct grade_request {
    const struct lab *lab;
    const struct plan *plan;
    const bool *selected; // for each check of the plan; NULL: all
    uint64_t seed;
    const struct stage *stage;
    const struct build_result *build; // ok; its programs lie on the stage
    struct build_pending *pending;    // its plain one is not there yet; NULL: it is
    size_t parallel;                  // cells at work at once; 0: twice the cores
    const struct grade_listener *listener;
    const struct grade_tracing *tracing; // NULL: nobody looks
    struct grade_gate
        *gate; // shared with other runs, in other threads; NULL: all cores are its own
    // For many attempts: no raw records are kept, and of a check that passed no transcript.
    bool verdicts_only;
    bool patient; // a person looks: a check from which nothing is heard is not ended
};

// With `pending`, checks of the plain program wait for it and the others do not. Should it turn out
// that there is none, build->ok is false afterwards and the run was ended: what it found is void.
//
// Runs the checks and fills out->steps, checks, counts, points and seconds (not out->build). A
// broken grader fills broken_reason and returns true; false is for the machine's faults (ENV) and
// an interrupt (INTERRUPTED). SIGINT and SIGTERM end it at once: no process is left.
bool grade_run(const struct grade_request *request, struct attempt *out, struct err *err);

#endif
