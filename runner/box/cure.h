// SPDX-License-Identifier: MIT
/*
 * What to do when the kernel or the machine refuses a mechanism of the sandbox. The only place that
 * reads what distributions and container engines set.
 */
#ifndef LAB_CURE_H
#define LAB_CURE_H

#include <stdbool.h>

#include "base/err.h"

// Adds the cure for a refused namespace, uid map or loopback; `error` is an errno, 0: unknown.
void cure_namespaces(struct err *err, int error);
// Does this look like a container (Docker, Podman, Kubernetes)?
bool cure_in_container(void);
// Adds the cure for a /proc that cannot be mounted.
void cure_proc(struct err *err);
// Adds the cure for what bubblewrap said.
void cure_bubblewrap(struct err *err, const char *said);

#endif
