// SPDX-License-Identifier: MIT
// Linked into box-init in place of wait4(): what has ended is told late, as on a machine where
// PID 1 of the box gets no core for a while.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LATE_MICROSECONDS = 400000 }; // longer than the kit needs to be sure of a hang

pid_t __real_wait4(pid_t pid, int *status, int options, struct rusage *usage);

pid_t __wrap_wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    pid_t ended = __real_wait4(pid, status, options, usage);
    if (ended > 0)
        usleep(LATE_MICROSECONDS);
    return ended;
}
