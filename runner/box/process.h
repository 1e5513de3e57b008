// SPDX-License-Identifier: MIT
/*
 * Starting processes: descriptors given one by one, nothing else inherited, tied to their parent,
 * as the unprivileged host user when root calls.
 */
#ifndef LAB_PROCESS_H
#define LAB_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct cgroup;

// Who runs what a check needs. Called by root: a host uid without passwd entry and processes; root
// inside a user namespace that host root made is still root to the kernel. Else: the caller.
struct process_user {
    bool drop; // give up root for uid and gid before exec
    uid_t uid;
    gid_t gid;
    const struct cgroup *group; // that it is born into, or NULL
};

struct process_descriptor {
    int from; // in the parent
    int to;   // in the child
};

struct process_options {
    const char *const *argv;        // NULL-terminated
    const char *const *environment; // NULL-terminated; NULL: an empty environment
    int executable;                 // >= 0: execveat this descriptor, argv[0] is only a name;
                                    // -1: argv[0] is a path, or a name looked up in PATH
    const struct process_descriptor *descriptors; // closed in the child unless listed: 0, 1 and 2
    size_t descriptor_count;                      // are /dev/null when not listed
    const char *folder;                           // working folder; NULL: the caller's, or / when
                                                  // root is given up
    struct process_user user;
    bool new_session; // setsid: a terminal's Ctrl-C does not reach it
    bool untied;      // does not die with its parent: it has a way of its own to notice
};

struct process {
    pid_t pid;
    int pidfd; // close-on-exec; readable when the process ended; closed by process_release
};
#define PROCESS_INIT                                                                               \
    {                                                                                              \
        0, -1                                                                                      \
    }

// The path of a program as a shell would find it in PATH; a name with a slash is that path already.
// The caller frees it. NULL when there is none.
char *process_find(const char *name);
// Forks and executes. The child dies with the calling thread (PR_SET_PDEATHSIG SIGKILL), unless
// untied. A failed exec is an error here, kind ENV, that names the program.
bool process_start(const struct process_options *options, struct process *out, struct err *err);
// Waits for its end and returns the raw status (see wait(2)); pid is 0 afterwards. EINTR is
// handled. -1 when there is nothing to wait for.
int process_wait(struct process *process);
// Kills, waits, closes; a process that was waited for is only closed. May be called twice.
void process_release(struct process *process);
// Makes the calling process that user, for good (nothing when user->drop is false). For a forked
// child that goes on without exec: it must have one thread, and close what the user must not have.
// False and errno on failure.
bool process_become(const struct process_user *user);

#endif
