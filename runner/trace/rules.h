// SPDX-License-Identifier: MIT
/*
 * Rules: from what a program did to the lines that matter for a failed check. Each looks at one run
 * and at nothing else, and says only what was seen. README.md tells the order in which they are
 * asked.
 */
#ifndef LAB_TRACE_RULES_H
#define LAB_TRACE_RULES_H

#include <stdbool.h>

#include "build/build.h"
#include "grade/attempt.h"
#include "trace/events.h"

struct evidence {
    const struct check_result *check; // of the run that the events belong to
    const struct events *events;      // joined with it
    const struct sources *sources;
};

// Each adds its findings to `out` and says whether there were any.

// A signal ended the program here (a sanitizer's report says more: see sanitizer.h).
bool rule_crashed_at(const struct evidence *evidence, struct check_result *out);
// It ended itself here.
bool rule_ended_by(const struct evidence *evidence, struct check_result *out);
// A call of the system failed, in a check where such a call was needed.
bool rule_failed_in(const struct evidence *evidence, struct check_result *out);
// It listens, and not where a client came.
bool rule_listens(const struct evidence *evidence, struct check_result *out);
// It wrote the file whose content is wrong.
bool rule_wrote_file(const struct evidence *evidence, struct check_result *out);
// The connection was closed before all was sent.
bool rule_closed_by(const struct evidence *evidence, struct check_result *out);
// The call that carried the first wrong byte; the last one that sent when bytes are missing.
bool rule_sent_by(const struct evidence *evidence, struct check_result *out);
// The statement that it sent last to its database, of those that can be wrong.
bool rule_asked_by(const struct evidence *evidence, struct check_result *out);
// The command that changed last what Redis has of the key that the check has asked about.
bool rule_asked_redis(const struct evidence *evidence, struct check_result *out);
// The call that printed the first wrong byte; the last one that printed when bytes are missing.
bool rule_printed_by(const struct evidence *evidence, struct check_result *out);
// Where each thread waits or runs, the one that matters most first.
bool rule_stuck_in(const struct evidence *evidence, struct check_result *out);

// ---- what the rules share

// Adds a finding with the event's own frames, the line's text and "recv() on client 1". NULL and
// nothing added when no frame of the learner's own was on the chain.
struct finding *finding_of_event(const struct evidence *evidence, const struct event *event,
                                 enum finding_kind kind, struct check_result *out);
// Leaves out the frames in front of this one, which serve others too; `line`: of the statement in
// it, 0: its own.
void finding_begin_at(const struct evidence *evidence, struct finding *finding, size_t frame,
                      int line);
// "recv" as the learner's line calls it ("fgets", "fflush"), else the system call's own name.
// `line`: the source line, or NULL. The caller frees it.
char *call_name(const struct event *event, const char *line);
// A copy of the line without its end; NULL when the sources have none.
char *source_line(const struct sources *sources, const char *file, int line);
// "no such file or directory": what errno means, as part of a sentence. The caller frees it.
char *errno_words(int number);

// The connection that the failure is about: its own, else the last one that carried anything; 0
// when there was none.
int failing_connection(const struct check_result *check);
// The connection whose client waits: the failure's own, else the last one on which the grader spoke
// and the program has not answered since. 0: none.
int unanswered_connection(const struct check_result *check);
// How many bytes the grader received on a connection.
size_t received_total(const struct check_result *check, int connection);
// What the program's last answer on a connection says, when it looks like HTTP: 404; 0: nothing.
int answered_status(const struct check_result *check, int connection);
bool program_is(const struct check_result *check, const char *state);
// Its end may be what is wrong. A program that is run ends at last in any case: not where what it
// asked, or printed, is wrong.
bool end_matters(const struct check_result *check);

#endif
