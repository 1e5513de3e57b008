// SPDX-License-Identifier: MIT
/*
 * How the tracer is started: its executable is box_tool_path("tracer"), it has no arguments, and
 * these descriptors. What it writes is in snapshot.h.
 */
#ifndef LAB_TRACER_H
#define LAB_TRACER_H

enum {
    TRACER_SOCKET = 3, // the runner's end of a check's socket
    TRACER_OUTPUT = 4, // a new file, for the snapshot
};

#endif
