// SPDX-License-Identifier: MIT
// What went wrong, and the lines that are told of it.
#ifndef LAB_ORIGIN_RULES_H
#define LAB_ORIGIN_RULES_H

#include "trace/origin/origin.h"

struct failure {
    const char *message;
    const char *state;   // of the program: "running", "stuck", …
    long offset;         // of the first wrong byte in what the program sent, -1: none is named
    bool waits;          // the check waited for a time-out of the program's
    bool printed;        // what differs was written to standard output
    bool was_run;        // the program connected to the check, and asked
    bool is_unheard;     // it waits for another client than the one that gets no answer
    const char *awaited; // what did not happen: "close", "exit", "running", "listen", "port"; "" or
                         // NULL: bytes, or nothing
    long status;         // exit status or signal
    bool has_expected, has_actual;
    struct bytes expected, actual;
    struct bytes reply;   // what the program sent on this connection, from the recording's begin
    struct bytes request; // all that it was sent
    long suspect, suspect_length; // in the request; -1: none
};

enum told_kind { TOLD_NONE, TOLD_MADE_BY, TOLD_READ_BY, TOLD_CLOSED_BY };
struct told {
    enum told_kind kind;
    int32_t step; // or NOBODY:
    int line, file;
    const char *note;  // static
    const char *name;  // of the number, as an enumeration has it, or NULL
    const char *call;  // of the library, on this line, for whose argument it was made; or NULL
    int argument;      // counted from 0
    bool name_on_line; // it has to stand on the line that is told
    bool before_crash; // it says more than where a signal struck
};

// Decides. `out->kind` stays TOLD_NONE when nothing is known.
void decide(struct recording *r, const struct failure *failure, struct told *out);

#endif
