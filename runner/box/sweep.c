// SPDX-License-Identifier: MIT
/*
 * Ending what is left of a box. Whoever loses its parent becomes a child of the subreaper, so in
 * the end all are its children. A whole process group is killed at once, those that are just being
 * forked included; the box's filter forbids leaving the group (seccomp.c).
 */
#include "box/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void kill_child(pid_t child)
{
    pid_t group = getpgid(child);
    if (group > 0 && group != getpgrp())
        kill(-group, SIGKILL);
    kill(child, SIGKILL);
}

// "PID PID …", of the only thread.
static void kill_children(void)
{
    char path[64], text[65536];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0)
        close(file);
    if (length < 0)
        return;
    text[length] = '\0';
    char *end = text;
    for (const char *at = text;; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at || child <= 0)
            return;
        kill_child((pid_t)child);
    }
}

void sweep_descendants(void (*report)(pid_t pid, int status))
{
    for (;;) {
        kill_children();
        int status;
        pid_t ended = waitpid(-1, &status, __WALL);
        if (ended > 0 && report != NULL && !WIFSTOPPED(status)) // PTRACE_TRACEME: it was our tracee
            report(ended, status);
        if (ended < 0 && errno != EINTR)
            return;
    }
}
