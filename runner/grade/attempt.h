// SPDX-License-Identifier: MIT
/*
 * One attempt and its result: the data that render and progress read. Filled by grade/, and by
 * nothing else.
 */
#ifndef LAB_ATTEMPT_H
#define LAB_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "build/build.h"
#include "course/course.h"

enum check_status { CHECK_NOT_RUN, CHECK_PASSED, CHECK_FAILED, CHECK_BROKEN };

// One `io` record: bytes that the grader sent or the program answered.
struct io_record {
    double at; // seconds since the program's exec
    bool from_program;
    int connection;  // 1, 2, … in the order of connecting
    size_t offset;   // of its first byte in this direction of the connection
    size_t omitted;  // bytes left out before this text
    char *text;      // escaped ASCII (base/text.h)
    int local, peer; // TCP ports of the grader's end and of the program's; 0: not known
    // How that side ended the connection, with no text: "closed", "reset"; NULL: it did not.
    // Static.
    const char *end;
};

struct program_state {
    char *state;        // "running", "exited", "signalled", "stuck"; NULL when it never started
    int status;         // exit status or signal number
    int port;           // that it was given
    char *error_output; // its stderr, escaped, head and tail
};

// A line of the learner's program on a chain of calls.
struct source_frame {
    char *file; // relative to the workspace
    int line;
    char *function;
};

// What is known about a line: each is a fact that was seen, never a guess.
enum finding_kind {
    FINDING_CRASHED_AT, // a sanitizer's report or a signal names it
    FINDING_MADE_BY,    // it wrote the byte that is wrong, or chose what the byte says
    FINDING_READ_BY,    // it was the last to look at the bytes of the request that matter
    FINDING_SENT_BY,    // it sent the byte
    FINDING_PRINTED_BY, // it wrote the byte to stdout
    FINDING_CLOSED_BY,  // it closed the connection, or ended its sending half
    FINDING_STUCK_IN,   // a thread waits or runs here
    FINDING_FAILED_IN,  // a call of the system failed here
    FINDING_ENDED_BY,   // the program ended itself here
    FINDING_ASKED_BY,   // it sent the statement to the database
    // A block was allocated here that nobody frees.
    FINDING_ALLOCATED_AT,
};
struct finding {
    enum finding_kind kind;
    char *call;                  // "recv() on client 1", "bind()", or NULL
    struct source_frame *frames; // innermost first; the first is the line to look at
    size_t frame_count;
    char *text; // the line itself, without its end, or NULL
    char *note; // one sentence more, or NULL
};

// The bytes of what the grader sent on which a failure hangs.
struct suspect {
    int connection;
    size_t offset, length; // in what was sent on the connection; length at least 1
    char *text;            // what they are; NULL: there are none
};

// What a check saw in a database.
struct sql_told {
    char *statement, *answer;       // of the check's own, or NULL
    struct strings expected, found; // lines of tables, escaped
    struct strings program;         // the statements that the program sent last, escaped
};

struct check_result {
    char *id;    // "step/check"
    char *title; // the identifier with blanks for '_'
    bool plain_build;
    enum check_status status;
    double seconds;
    uint64_t seed;
    char *message;  // one sentence; for a broken check, what is wrong with the grader
    char *expected; // escaped; NULL when there is none
    char *actual;
    int connection; // where the difference is; 0: on none
    size_t offset;  // of the first wrong byte in what the program sent on it
    bool has_offset;
    char *awaited; // what did not happen, as the protocol names it; NULL: bytes, or nothing
    struct suspect suspect;
    struct sql_told sql;
    char *because;
    char *reproduce;
    bool reproduce_is_run;       // it is `lab run …` itself, not what is typed beside it
    char *reproduce_environment; // "NAME=VALUE" for `lab run`, or NULL: the usual one
    char *fixed_input;           // why the input is the same in every attempt, or NULL
    int grader_line;
    struct program_state program;
    struct strings notes;
    struct io_record *transcript;
    size_t transcript_count;
    bool was_run;             // with arguments: no server
    struct strings arguments; // escaped, of the last run
    char *output;             // what it printed, escaped, from the beginning on; NULL: not known
    size_t output_length;     // bytes of all that it printed
    char *stream;             // "stdout", "stderr": `actual` is what came there; or NULL
    char *script;             // of the servers that it met (fixtures/scripted), or NULL
    char *records;            // the raw records, for .lab/last/; NULL: not kept
    size_t records_length;
    double longest_wait; // seconds of the largest wait on the program's clock
    double clock;        // CLOCK_MONOTONIC when the program was executed, seconds; 0: not known
    // Filled by trace/, for checks that are shown.
    struct finding *findings; // in the order in which they are shown; the first is `where`
    size_t finding_count;
    struct strings trace_notes; // what the learner is told about them, and why some are missing
    char *help;                 // what mends such a mistake, one sentence, or NULL
};

struct step_result {
    const struct step *step;
    enum check_status status; // passed when all its checks pass
    int points;
    size_t first_check; // its checks are attempt->checks[first_check … + check_count - 1]
    size_t check_count;
};

struct attempt {
    const struct lab *lab;
    char *sandbox; // level: "namespaces", …
    uint64_t seed;
    double seconds; // of its checks, without the build
    struct build_result build;
    struct step_result *steps;
    size_t step_count;
    struct check_result *checks;
    size_t check_count;
    size_t passed, failed, broken; // checks
    int points, max_points;
    char *broken_reason; // the whole lab is broken: why; NULL otherwise
    bool interrupted;
};

void attempt_release(struct attempt *attempt);
// "made_by", "sent_by", … as in the JSON. Static.
const char *finding_kind_name(enum finding_kind kind);
// Adds an empty finding at the end; its strings belong to the check.
struct finding *check_add_finding(struct check_result *check, enum finding_kind kind);
void finding_add_frame(struct finding *finding, const char *file, int line, const char *function);
// What was sent and printed is not needed any more.
void check_forget_transcript(struct check_result *check);
void check_clear_findings(struct check_result *check);
void check_drop_finding(struct check_result *check, size_t index);
// The first failing or broken step that was run, or NULL.
const struct step_result *attempt_first_failure(const struct attempt *attempt);
// The first failing or broken check of a step, or NULL.
const struct check_result *step_first_failure(const struct attempt *attempt,
                                              const struct step_result *step);
// How a failed check failed: "timeout", "crash" or "mismatch"; NULL when it did not. Static.
const char *check_outcome(const struct check_result *check);
// The program has made this connection, to a server of the check's.
bool check_connection_is_outgoing(const struct check_result *check, int connection);
// A sanitizer reported something in the program of this check.
bool check_has_sanitizer_report(const struct check_result *check);
// "passed", "failed", "not_run" or "broken". Static.
const char *check_status_name(enum check_status status);
// 0, 1, 3, 4 or 130, as DESIGN says of exit statuses.
int attempt_exit_status(const struct attempt *attempt);

#endif
