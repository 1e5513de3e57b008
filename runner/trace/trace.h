// SPDX-License-Identifier: MIT
/*
 * Trace: which line of the learner's program did it. README.md tells how.
 *
 * An attempt opens a tracing, hands its hooks to grade_run, so that programs that hang are looked
 * at before they are killed, and afterwards asks for the lines of each failing check that is shown.
 * A check that passes costs nothing.
 */
#ifndef LAB_TRACE_H
#define LAB_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "build/build.h"
#include "grade/attempt.h"
#include "grade/grade.h"

struct tracing; // the tracers of one attempt and the files that they write on the stage

// Never fails: where ptrace, the tracer or the resolver is missing, or $LAB_TRACE is "off", it
// traces nothing, and trace_missing says why.
struct tracing *tracing_open(const struct lab *lab, const struct stage *stage);
// Ends every tracer. NULL is fine.
void tracing_close(struct tracing *tracing);
// For grade_request.tracing of the attempt's own run; NULL when nothing can be traced.
const struct grade_tracing *tracing_hooks(struct tracing *tracing);
// Why there are no lines on this machine: one sentence with the cure behind it, or NULL. Borrowed.
const char *tracing_missing(const struct tracing *tracing);

// Fills the findings and trace_notes of one failed check: from its sanitizer report, from what was
// seen when it hung, or by running it again, traced, with the same seed (at most twice). `request`
// is the one that the attempt was graded with; its seed, plan, build and stage are used. A check
// whose second run ends in another way says so in its trace_notes. Never changes a verdict, a
// message or a point. Returns false for an interrupt only; every other trouble is a trace_note.
bool trace_explain(struct tracing *tracing, const struct grade_request *request,
                   const struct sources *sources, struct check_result *check, struct err *err);

// Everything that one traced run of a check showed, in the order of time, for `lab trace`.
enum trace_event_kind { TRACE_CALL, TRACE_STUCK, TRACE_SIGNAL, TRACE_EXIT, TRACE_WATCH };
struct trace_event {
    enum trace_event_kind kind;
    double at, until;    // seconds since the program's exec, as in the transcript
    int process, thread; // 1, 2, … in the order of their appearance
    char *call;          // "recv", "accept", "close", …; the signal's name
    long long result;    // of the call; -errno on failure
    int descriptor;
    bool outgoing;               // the program has made the connection
    int connection;              // the transcript's number, 0: none of them
    size_t offset, length;       // of the bytes in this direction of the connection
    bool from_program;           // it sends (true) or receives
    char *path;                  // of a file, or NULL
    struct source_frame *frames; // the learner's own, innermost first
    size_t frame_count;
    char state; // TRACE_STUCK: 'S' waits, 'R' runs, 'D', 'T'
};
struct trace_record {
    struct trace_event *events;
    size_t count;
    size_t lost; // events that were too many to keep
};
// Runs one check again, traced, and fills `again` (its verdict, transcript, findings) and `record`.
bool trace_check(struct tracing *tracing, const struct grade_request *request,
                 const struct sources *sources, size_t check_index, struct attempt *again,
                 struct trace_record *record, struct err *err);
void trace_record_release(struct trace_record *record);

#endif
