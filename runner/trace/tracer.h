// SPDX-License-Identifier: MIT
/*
 * How the tracer is started: its executable is box_tool_path("tracer"), it has no arguments unless
 * it records, and these descriptors. What it writes is in snapshot.h.
 */
#ifndef LAB_TRACER_H
#define LAB_TRACER_H

enum {
    TRACER_SOCKET = 3,    // the runner's end of a check's socket
    TRACER_OUTPUT = 4,    // a new file, for the snapshot
    TRACER_RECORDING = 5, // another one, with the arguments "record CONNECTION SENT"
};

/*
 * "record": the learner's own code is recorded (recording.h) from the moment on when that many
 * bytes have been sent on the connection that was accepted as the CONNECTION-th; with
 * RECORD_FROM_MAIN for SENT, from the program's main() on.
 */
#define RECORD_FROM_MAIN "main"

#endif
