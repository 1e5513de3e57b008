// SPDX-License-Identifier: MIT
/*
 * The program as the core's files see it: program.c starts it and follows its life, ending.c says
 * what its end means, output.c keeps what it writes.
 */
#ifndef KIT_PROGRAM_H
#define KIT_PROGRAM_H

#include "core.h"

// One of the program's output pipes. It is always read, so that no program waits for its reader,
// but when a check wants that.
struct kit_output {
    int descriptor;   // our end, not blocking; -1: closed
    bool held;        // nobody reads it now
    size_t most;      // bytes to keep, half of them from the beginning; 0: none
    uint64_t written; // bytes the program wrote
    struct str head, tail;
    const struct stream *stream; // it is compared with, or NULL
    uint64_t compared;           // bytes that were equal from the beginning on
    struct str different;        // some bytes from the first difference on
};

// Compares what was written, and what will be, with a stream; keeps little from here on.
void kit_output_compare(struct kit_output *output, const struct stream *stream);

// Reads what is there, at most about 1 MiB. Closes the descriptor at the end.
void kit_output_read(struct kit_output *output);
// What was kept, with a line in the middle that says how much is missing.
void kit_output_text(const struct kit_output *output, struct str *out);
// Nobody reads any more: what is written fails.
void kit_output_leave(struct kit_output *output);
void kit_output_release(struct kit_output *output);

struct kit_program {
    struct box box;
    struct kit_output output, error_output;
    const char *const *argv; // of kit_run; NULL: it serves
    uint64_t flood;          // bytes of output at which it is stopped
    int port;                // 0: it has none
    int pidfd;               // of the first process
    double started_at;       // kit_clock()
    bool started;            // the kernel executed the program
    bool ended;
    bool terminated;  // the check sent SIGTERM
    bool end_awaited; // the check has seen the status
    bool stuck;
    int status; // raw, once it ended
};

#define KIT_STDOUT_MOST (8U << 20) // bytes of a run program's stdout that are kept

// How a program is started.
struct kit_launch {
    const char *const *argv; // with "/program" first; NULL: a server on a port of its own
    bool hold_stdout;
    uint64_t flood;
};
struct kit_program *kit_program_launch(const struct kit_launch *launch);

// ---- run.c
// Waits until its first process ended and all that it sent has arrived; a hang fails the check. Its
// status has not been looked at then.
void kit_program_await_end(struct kit_program *program);

#endif
