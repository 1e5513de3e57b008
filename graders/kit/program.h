// SPDX-License-Identifier: MIT
/*
 * The program as the core's files see it: program.c starts it and follows its life, ending.c says
 * what its end means, output.c keeps what it writes.
 */
#ifndef KIT_PROGRAM_H
#define KIT_PROGRAM_H

#include "core.h"

// One of the program's output pipes. It is always read, so that no program waits for its reader.
struct kit_output {
    int descriptor;   // our end, not blocking; -1: closed
    size_t most;      // bytes to keep, half of them from the beginning; 0: none
    uint64_t written; // bytes the program wrote
    struct str head, tail;
};

// Reads what is there, at most about 1 MiB. Closes the descriptor at the end.
void kit_output_read(struct kit_output *output);
// What was kept, with a line in the middle that says how much is missing.
void kit_output_text(const struct kit_output *output, struct str *out);
void kit_output_release(struct kit_output *output);

struct kit_program {
    struct box box;
    struct kit_output output, error_output;
    int port;
    int pidfd;         // of the first process
    double started_at; // kit_clock()
    bool started;      // the kernel executed the program
    bool ended;
    bool terminated;  // the check sent SIGTERM
    bool end_awaited; // the check has seen the status
    bool stuck;
    int status; // raw, once it ended
};

#endif
