// SPDX-License-Identifier: MIT
/*
 * A process beside the screen: an attempt that is made, or a command whose output becomes a page.
 * Nothing of it reaches the terminal. It is read and waited for from the loop.
 */
#ifndef LAB_WATCH_WORKER_H
#define LAB_WATCH_WORKER_H

#include <stdbool.h>
#include <uv.h>

#include "base/err.h"
#include "base/str.h"

enum { WORKER_PIPES = 2 };

struct worker {
    uv_loop_t *loop;
    pid_t pid;                     // 0: none is at work
    int ends[WORKER_PIPES], pidfd; // -1: closed
    uv_poll_t *polls[WORKER_PIPES], *end;
    struct str output[WORKER_PIPES]; // what was read and not taken yet
    int status;                      // raw, when it has ended
    size_t most;                     // bytes kept of each pipe; 0: all
    void *context;
    void (*read)(void *context);  // something came
    void (*ended)(void *context); // it is gone and all was read
};

// Calls body in a forked process, which is a group of its own and ends by SIGTERM when this one
// does. Pipe 0 is what it writes to `output`, pipe 1 its stderr. False and ENV: no process.
bool worker_fork(struct worker *worker, void (*body)(void *context, int output), void *context,
                 struct err *err);
// Executes this very program with these arguments in that folder; stdout and stderr are both pipe
// 0.
bool worker_execute(struct worker *worker, const char *folder, const char *const *arguments,
                    const char *const *environment, struct err *err);
// Asks it to end (SIGTERM); `ended` is still called.
void worker_cancel(struct worker *worker);

#endif
