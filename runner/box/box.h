// SPDX-License-Identifier: MIT
/*
 * The box: the sandbox that holds the program, or the compiler. bubblewrap makes the namespaces and
 * mounts; a small launcher inside it (box-init, PID 1 of the box) sets limits and seccomp and
 * reports the raw exit status. box/README.md explains each mechanism.
 *
 * At the levels container and none there are no namespaces: what is said below of the inside is
 * what the program is allowed to touch (container), or nothing at all (none).
 *
 * Inside: /usr and the loader's files read-only, /proc and /dev small and private, /tmp the only
 * writable place, the caller's mounts, no network but the one the caller is in (or an own, empty
 * one), no new namespaces, no ptrace of PID 1.
 */
#ifndef LAB_BOX_H
#define LAB_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "box/level.h"
#include "box/process.h"

struct box_mount {
    const char *source; // outside; a file or a folder
    const char *target; // inside, absolute; its parents are made
    bool writable;
};

struct box_limits {     // 0: not limited
    uint64_t memory;    // bytes of address space; 0 for sanitized programs (they reserve terabytes)
    uint64_t file_size; // bytes a single file may have
    uint64_t processes; // processes and threads in the box
    uint64_t descriptors; // open files a process
    uint64_t cpu_seconds; // a process
};

struct box_options {
    enum box_level level;
    const char *init;               // path of box-init (see box_init_path)
    const char *const *argv;        // the program inside, argv[0] a path inside
    const char *const *environment; // NULL-terminated
    const struct box_mount *mounts;
    size_t mount_count;
    const char *const *hidden; // folders below /usr that must look empty, or NULL
    const char *folder;        // working folder inside; NULL: /tmp
    struct box_limits limits;
    bool own_network; // true for compilers; false: the cell's
    bool no_connect;  // at level container: no TCP connection goes out; elsewhere the cell's part
    const int *connect_ports; // but to these, the last one is 0; NULL: to none
    bool trace;               // the program waits before it is executed: BOX_WAITS, box_go
    bool allow_tmp;     // true: /tmp is a small tmpfs, and nothing at the bare levels; false: a
                        // mount provides it
    int standard_input; // descriptors in the caller, -1: /dev/null
    int standard_output;
    int standard_error;
    struct process_user user; // for callers outside a cell
};

struct box {
    struct process wrapper; // bubblewrap
    int status;             // socket: start and raw status of the program; also the leash: all in
                            // the box dies when its last copy is closed
    pid_t init;             // PID 1 of the box, as the caller numbers it; 0 until known
    int init_pidfd;         // readable when every process of the box is gone; -1 until known
    pid_t program;          // the program's first process, as the caller numbers it; 0 until known
    int error_output;       // what bubblewrap itself says
    bool ended;             // BOX_ENDED was told
    uint64_t peak;          // then: bytes of memory that its first process had resident at most
    bool bare;              // no namespaces: `wrapper` is box-init itself, and not PID 1
};
#define BOX_INIT                                                                                   \
    {                                                                                              \
        PROCESS_INIT, -1, 0, -1, 0, -1, false, 0, false                                            \
    }

enum box_event {
    BOX_WAITS,   // with options.trace: the first process, box->program, waits for box_go
    BOX_STARTED, // the program was executed; box->program is its pid
    BOX_ENDED,   // the program's first process ended; *out_status is its raw wait status
    BOX_BROKEN,  // the box could not be made: err says why, with the cure
    BOX_NOTHING, // nothing to read now
};

// Where box-init lies: $LAB_BOX_INIT, or near the running program (a build tree, an installation
// wherever it was moved, a grader of either), or in the installed libexec folder, or, for a grader
// that was built elsewhere, near the `lab` that PATH finds. The caller frees it. NULL and err (ENV)
// when there is none.
char *box_init_path(struct err *err);
// The same for another executable of lab's beside it ("tracer"), or $LAB_NAME (LAB_TRACER).
char *box_tool_path(const char *name, struct err *err);

// Starts bubblewrap; returns before the program runs. Errors: ENV (no bubblewrap, …) with the cure.
bool box_start(const struct box_options *options, struct box *out, struct err *err);
// Reads the next event from box->status without waiting (poll it for POLLIN).
enum box_event box_next(struct box *box, int *out_status, struct err *err);
// After BOX_WAITS: lets the program be executed. `traced`: a tracer has seized box->program, and
// the calls of traced_calls.h stop for it; without one they would fail. A box whose caller is gone,
// or lets go of it, before it answers, ends.
void box_go(struct box *box, bool traced);
// Waits for the end: BOX_ENDED or BOX_BROKEN. A program that waits goes on untraced.
enum box_event box_wait(struct box *box, int *out_status, struct err *err);
// Kills everything in the box; it may be gone a little later. Before its first event: nothing.
void box_kill(const struct box *box);
// Kills everything in the box and releases. May be called twice.
void box_release(struct box *box);

// Tries each mechanism of the level that this machine allows for real: cell, box, seccomp, limits.
// Returns true when all work, with the level; else err (ENV) names the first that does not, with
// the cure.
bool box_try(enum box_level *out_level, struct err *err);

#endif
