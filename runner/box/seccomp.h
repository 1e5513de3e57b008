// SPDX-License-Identifier: MIT
/*
 * The system calls that the program must do without. Everything that an ordinary program needs is
 * allowed; what is denied reaches into the kernel, into PID 1, or around the limits.
 */
#ifndef LAB_SECCOMP_H
#define LAB_SECCOMP_H

#include <stdbool.h>

#include "base/err.h"

struct seccomp_options {
    bool bare;       // no namespaces: the program may not leave its process group and session, nor
                     // signal every process of its user
    bool no_network; // no IPv4 and IPv6 sockets
};

// Writes the filter, an array of struct sock_filter, to a descriptor at its offset. ENV.
bool seccomp_write(int file, const struct seccomp_options *options, struct err *err);
// The same for a second filter, which stops the calls of traced_calls.h for a tracer. Only for a
// process that has one: without, these calls fail with ENOSYS.
bool seccomp_write_traced(int file, struct err *err);

#endif
