// SPDX-License-Identifier: MIT
/*
 * What the rules share. A rule looks for the line of one kind of failure; it returns false, and has
 * told nothing, when it knows none. Each note says what was observed in the recording and no more.
 *
 *   rules.c           which rule is asked, by what is wrong
 *   rule_status.c     a status that is another than the expected one
 *   rule_request.c    who looked last at the bytes of the request that matter
 *   rule_different.c  a wrong byte
 *   rule_answer.c     an answer in lines that is another than the expected one
 *   rule_length.c     bytes that are missing at the end, or too many
 *   rule_fields.c     fields of the head that are missing, or must not be there
 *   rule_file.c       a file with wrong bytes
 *   rule_end.c        a connection that was closed, a crash, an end of the program
 *   rule_waits.c      a program that waits
 *   rule_lost.c       bytes that came in and did not go out
 *   rule_open.c       a connection that stays open, descriptors that nobody closes
 *   rule_unserved.c   a client that is not taken, or not asked for what it sends
 *   rule_listening.c  a program that listens elsewhere
 *   rule_exit.c       an exit status that is another than the expected one
 *   rule_asked.c      what a program that is run asked for
 *   rule_printed.c    what it printed
 *   rule_counted.c    how often it connected and asked
 *   condition.c, decision.c, sent.c, served.c, tell.c, ways.c: what they stand on
 */
#ifndef LAB_ORIGIN_INQUIRY_H
#define LAB_ORIGIN_INQUIRY_H

#include "trace/origin/rules.h"

struct inquiry {
    struct recording *r;
    const struct failure *failure;
    struct told *out;
};

// ---------------------------------------------------------------- tell.c

// Tells a step's line. False: there is no step, or no line.
bool tell(struct inquiry *inquiry, enum told_kind kind, int32_t step, const char *note);
// The line where a byte or number was made; constants without a name are where they are used.
bool tell_origin(struct inquiry *inquiry, const struct origin *origin, const char *note);
// A number, and its name when an enumeration gives it one.
bool tell_number(struct inquiry *inquiry, const struct origin *origin, const char *note);
// Where the argument of a call that is a length was made.
bool tell_length(struct inquiry *inquiry, int32_t step, int argument);
// The innermost step around this one that is in no function which is called from several places.
int32_t without_helpers(const struct recording *r, int32_t step);
// The innermost step around this one that stands in no function which was called from several
// places in this run, nor in what such a one called. A program that is run does one thing: what it
// calls from one place only is no helper.
int32_t without_shared(const struct recording *r, int32_t step);

// The same with functions that read what comes, for others.
int32_t without_readers(struct recording *r, int32_t step);

// ---------------------------------------------------------------- sent.c

struct sent {
    int32_t step;     // the call
    uint64_t address; // of the byte; 0: it was formatted, or the buffer is not known
    uint64_t index;   // in what this call sent
    uint64_t start;   // the buffer
    uint64_t size;
};

// The call that sent the byte at this offset of the connection. False: none did.
bool find_sent(const struct recording *r, size_t offset, struct sent *out);
bool origin_of_sent(const struct recording *r, size_t offset, struct sent *sent,
                    struct origin *out);

// ---------------------------------------------------------------- served.c

// The same of an answer that a library sends for the program: sent->step is the call that handed it
// the byte.
bool origin_of_served(const struct recording *r, size_t offset, struct sent *sent,
                      struct origin *out);

// ---------------------------------------------------------------- ways.c

// Functions of the library, by what a program that is run wants of them.
extern const struct wanted_call calls_to_read, calls_to_connect, calls_to_send, calls_to_ask,
    calls_to_print;
bool is_call_to(const struct recording *r, int32_t step, const struct wanted_call *wanted);
// The last such call before a step; NOBODY.
int32_t last_call_to(const struct recording *r, int32_t before, const struct wanted_call *wanted);
// The same jump, in this turn of its function, went the other way before: it is a loop's.
bool went_otherwise(const struct recording *r, int32_t jump);
// The last conditional jump before a step, and not before `from`, of which this is true; it hangs
// on nothing but the jump's place and its way. NOBODY.
int32_t last_jump_that(struct recording *r, int32_t before, int32_t from,
                       bool (*leads)(struct recording *r, int32_t jump));

// ---------------------------------------------------------------- condition.c

// The conditional jump on which a step hangs, in its function or in those that called it; NOBODY.
int32_t control_above(struct recording *r, int32_t step);
// What a conditional jump asked about, and the comparison. False: it is not known.
bool origin_of_condition(const struct recording *r, int32_t jump, int32_t *compare,
                         struct origin *out);
// A number that was counted up or down by one: becomes where the count began.
void origin_of_count(const struct recording *r, struct origin *origin);
// The condition that was asked last of those on which a number hangs: where it was made, and where
// it was handed on.
int32_t latest_control(struct recording *r, const struct origin *origin);
// A condition may ask several things on one line. Where one of them was set, in a condition itself;
// NOBODY.
int32_t set_for(struct recording *r, int32_t jump);
// Does another way out of a condition of this jump's line lead to a number from 400 to 599?
bool line_refuses(struct recording *r, int32_t jump);
// The last jump before a step whose other way out leads to one of the numbers; NOBODY.
int32_t last_gate(struct recording *r, int32_t before, const int *numbers, size_t count);

// ---------------------------------------------------------------- decision.c

// An answer (0 or 1) that was handed on or turned round: becomes where it was found out.
void origin_of_answer(const struct recording *r, struct origin *origin);
struct decision {
    int32_t told;    // the step that found out the answer
    int32_t jump;    // the innermost condition on it
    int32_t kept;    // the store that kept it from before, NOBODY
    bool has_number; // that condition compared with this number
    int64_t number;
};
// From a condition to where its answer was found out. `since`: what was stored before this step
// counts as kept.
void decision_follow(struct recording *r, int32_t jump, int32_t since, struct decision *out);
// The same of this jump alone, whatever else its line asks.
void decision_follow_one(struct recording *r, int32_t jump, int32_t since, struct decision *out);
// The condition for which a step was reached, in its own function: the one that let it be reached,
// or the one by which a loop that waits was left; NOBODY. And the same in those that called it,
// too.
int32_t reason_of(struct recording *r, int32_t step);
int32_t reason_above(struct recording *r, int32_t step);
// Tells where the answer of this condition was found out.
bool tell_decision(struct inquiry *inquiry, enum told_kind kind, int32_t jump, const char *note);
// Tells it, and the name of the number that was compared with, when it has one.
bool tell_limit(struct inquiry *inquiry, const struct decision *decision, const char *note);
// The last call out of the learner's code, shortly before a jump, when it failed with -1; NOBODY.
int32_t failed_call_before(const struct recording *r, int32_t jump);

// ---------------------------------------------------------------- rules

// Where bytes were forgotten, nobody knows where on the connection the others stand.
bool has_places(const struct recording *r);

// `end`: only looks before this step, or NOBODY. `only_matched`: only a comparison that found the
// word equal. `ignored`: the request had to be refused; else it had to be understood.
bool tell_last_look(struct inquiry *inquiry, int32_t end, bool only_matched, bool ignored);
// A function that looked and said at once that it does not like it has done its part: the step of
// its caller; else the step itself. `only_no`: it said 0, or false.
int32_t who_ignored(struct recording *r, int32_t look, bool only_no);
// Did this condition ask about the bytes of the request, or about a number that came from them?
bool asks_about_suspect(struct inquiry *inquiry, int32_t jump);
// Bytes of which none was sent, though the request has them: who looked at their line?
bool rule_absent(struct inquiry *inquiry);
// `start`: offset of the answer; `got`: its status; `numbers`: those that were expected.
bool rule_status(struct inquiry *inquiry, long start, int got, const int *numbers, size_t count);
// A program that is run asked for something else, from this offset on.
bool rule_asked(struct inquiry *inquiry, size_t offset);
bool rule_different(struct inquiry *inquiry, size_t offset);
// The same of an answer of a protocol of lines. False: the program does not answer with texts.
bool rule_answer(struct inquiry *inquiry, size_t offset);
// Is there more of the same before the piece that was copied?
bool is_cut(const struct recording *r, const struct hop *hop);
// What is missing was sent, behind the end that the head names: the number in the head is wrong.
bool rule_length_field(struct inquiry *inquiry, size_t offset, long start, int next);
// The byte at `origin` is the last that is right; `next` had to follow, -1: not known.
bool tell_truncated(struct inquiry *inquiry, const struct origin *origin, int next);
bool rule_truncated(struct inquiry *inquiry, size_t offset, int next);
bool rule_surplus(struct inquiry *inquiry, size_t offset);
// `body`: offset of the body.
bool rule_missing_field(struct inquiry *inquiry, long start, size_t body);
bool rule_unwanted_field(struct inquiry *inquiry, size_t offset);
bool find_written(struct inquiry *inquiry, size_t wanted, struct sent *out);
bool rule_file(struct inquiry *inquiry);
// `cut_short`: something of the answer had come.
bool rule_closed(struct inquiry *inquiry, bool cut_short);
bool rule_crash(struct inquiry *inquiry);
// The program ended, and should not have.
bool rule_ended(struct inquiry *inquiry);
// Where the status came from with which it ended.
bool origin_of_status(const struct inquiry *inquiry, struct origin *out);
// It ended with another status than the expected one.
bool rule_exit_status(struct inquiry *inquiry);
// The first byte that did not come back was read: was that byte passed over when others were sent?
bool rule_lost(struct inquiry *inquiry);
// The client speaks HTTP: what it sends is no more than a part of what it gets back.
bool asks_by_http(const struct failure *failure);
// It was read, and no call that sends was given it: the condition for which that was.
bool rule_unsent(struct inquiry *inquiry);
// The call by which the byte at this offset of the request came in; NOBODY: it was not read.
int32_t reader_of(const struct recording *r, size_t offset);
// Was the byte on which the failure hangs read?
bool was_read(const struct inquiry *inquiry);
// A client's descriptor that nobody closed and nobody knows any more.
bool rule_leak(struct inquiry *inquiry);
// The connection should be closed.
bool rule_stays_open(struct inquiry *inquiry);
// A client is not taken.
bool rule_unserved(struct inquiry *inquiry);
// The program listens elsewhere.
bool rule_listening(struct inquiry *inquiry);
// The program should end, and waits.
bool rule_not_ended(struct inquiry *inquiry);
// What matters on the client's socket is not waited for.
bool rule_not_polled(struct inquiry *inquiry);
// It waits for one client, on a socket that was made a blocking one.
bool rule_blocking(struct inquiry *inquiry);
// poll(), accept(), recv() and their like.
bool is_wait(const char *name);
// The last call that has not come back; NOBODY.
int32_t waits_in(const struct recording *r);
bool rule_time_limit(struct inquiry *inquiry);
bool rule_waits(struct inquiry *inquiry);
bool rule_exit(struct inquiry *inquiry);
// A program that is run gave up, and nothing else is known.
bool rule_given_up(struct inquiry *inquiry);
// It stopped reading where more was to come, and not for what it had read: the condition.
bool rule_cut_reading(struct inquiry *inquiry);
// What it printed is wrong.
bool rule_printed(struct inquiry *inquiry);
// It made more or fewer connections, or requests, than expected.
bool rule_counted(struct inquiry *inquiry);
// It asked on a connection where nothing was to be asked: why it made none for it. `before`: the
// request's sending.
bool tell_reuse(struct inquiry *inquiry, int32_t before);

#endif
