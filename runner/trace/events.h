// SPDX-License-Identifier: MIT
/*
 * What a program did, as the rules look at it: the resolver's lines (resolver/resolver.h), read
 * with nothing believed, and joined with the transcript of the check that they belong to.
 */
#ifndef LAB_TRACE_EVENTS_H
#define LAB_TRACE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "grade/attempt.h"
#include "trace/calls.h"
#include "trace/snapshot.h"
#include "trace/trace.h"

// One function on a thread's chain of calls, the learner's own or not.
struct event_frame {
    char *function; // or NULL
    char *file;     // of an own one: relative to the workspace; else NULL
    int line;
    char *module; // the file whose code it is: "libc.so.6", "program"; or NULL
    uint64_t pc;
};

struct event_socket { // one of several that a thread waits for
    int descriptor;
    enum snapshot_socket socket;
    int local, peer;
    int connection; // the transcript's number, 0: none of them
    bool outgoing;  // the program has made it
};

struct event {
    struct trace_event shown; // for who only shows it; filled by events_join
    enum snapshot_event_kind kind;
    size_t order;            // in which it was written
    const struct call *call; // of EVENT_CALL and EVENT_STUCK; never NULL
    int pid, tid;            // as the host numbers them
    int own_tid;             // as the program itself does; 0: not known
    int number;              // of the call or signal; -1: none
    long long clock, after;  // nanoseconds of CLOCK_MONOTONIC
    uint64_t arguments[6];
    enum snapshot_socket socket;
    int local, peer; // ports
    unsigned slot;
    uint64_t address;
    uint64_t cpu; // nanoseconds
    struct snapshot_piece pieces[SNAPSHOT_PIECES];
    size_t piece_count;
    struct str data; // the first bytes of the pieces, at most RESOLVER_TEXT_MOST of them
    bool unfinished; // the thread ended inside the call
    size_t repeats;  // the same call with the same result came so often again
    struct event_socket *sockets; // a thread that waits in poll() and its like
    size_t socket_count;
    struct event_frame *frames; // innermost first
    size_t frame_count;
};

struct events {
    struct event *items; // in the order of time
    size_t count;
    size_t lost; // that the tracer could not keep
    bool ended;  // the program ended while it was traced
    bool whole;  // nothing was cut off
};

// Reads lines. False when they are none that the resolver writes; what came before stays.
bool events_read(const char *text, size_t length, struct events *out);
// Fills connections, offsets, times and `shown` from the transcript of the run that the events
// belong to. Frames of `given` files (NULL: there are none) are not the learner's own.
void events_join(struct events *events, const struct check_result *check,
                 const struct strings *given);
// Behind events_join: leaves out the frames whose file or line the sources do not have.
void events_keep_own(struct events *events, const struct sources *sources);
void events_release(struct events *events);
void trace_event_release(struct trace_event *event); // its strings and frames

#endif
