// SPDX-License-Identifier: MIT
/*
 * The grader as a process: loaded once an attempt (`GRADER --serve`), asked over a seqpacket socket
 * to fork a cell for each check. graders/README.md describes the protocol from the grader's side.
 */
#ifndef LAB_GRADER_H
#define LAB_GRADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "box/stage.h"
#include "course/course.h"

struct grader {
    struct process process;
    int socket; // seqpacket, non-blocking
    bool bare;  // without namespaces: it ends its checks itself
};
#define GRADER_INIT                                                                                \
    {                                                                                              \
        {0, -1}, -1, false                                                                         \
    }

// Starts it as the stage's user. Errors: LAB (there is no grader), ENV.
bool grader_start(const struct lab *lab, const struct stage *stage, struct grader *out,
                  struct err *err);
// Kills it and with it all its cells; releases. May be called twice.
void grader_release(struct grader *grader);

// Runs `GRADER --list`, as the stage's user, and appends what it printed. Errors: LAB when it
// fails, prints more than 1 MiB or takes more than 10 s.
bool grader_list(const struct lab *lab, const struct stage *stage, struct str *out,
                 struct err *err);

struct grader_request {
    int id;
    const char *check;
    uint64_t seed; // the check's own
    const char *program;
    const char *scratch;
    const struct lab *lab;
    int records; // write end of the pipe for this check's records
    int tracer;  // the grader's end of the socket to the tracer, -1: nobody looks at programs
    bool trace;  // from the program's first instruction
};
// Sends a request; the descriptors are duplicated by the kernel, the caller closes its own.
bool grader_ask(struct grader *grader, const struct grader_request *request, struct err *err);
// Asks to end a check's cell.
void grader_kill_check(struct grader *grader, int id);

struct grader_answer {
    int id;
    bool ended;  // the cell's first process was reaped
    int status;  // raw wait status, with ended
    char *error; // the cell could not be made; released by grader_answer_release
    char *cure;
};
// Reads one answer without waiting. False: none now. *out_closed: the grader closed its end, or
// wrote what is no answer.
bool grader_next(struct grader *grader, struct grader_answer *out, bool *out_closed);
void grader_answer_release(struct grader_answer *answer);

// "exit status 3", "signal 11 (Segmentation fault)". The caller frees it.
char *grader_status_text(int raw_status);

#endif
