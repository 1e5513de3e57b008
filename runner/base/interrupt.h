// SPDX-License-Identifier: MIT
/*
 * Ctrl-C, SIGTERM and SIGHUP. The handler notes the signal; whoever waits looks at it and returns
 * an error of kind INTERRUPTED, so that everything is released on the way out: no process, no
 * temporary folder, no half-written file is left. A third signal ends the process at once.
 */
#ifndef LAB_INTERRUPT_H
#define LAB_INTERRUPT_H

#include <stdbool.h>

#include "base/err.h"

// Installs the handlers. System calls that wait return EINTR.
void interrupt_install(void);
// Called in the handler before a third signal ends the process; must be async-signal-safe. NULL: no
// more.
void interrupt_before_exit(void (*function)(void));
// For a forked child that goes on without exec: a descriptor of its own, and no signal seen yet.
void interrupt_renew(void);
// For a process that becomes another program: the signals end it again.
void interrupt_remove(void);
// A descriptor that becomes readable with the first signal and stays so; -1 before install.
int interrupt_descriptor(void);
// True once a signal came; sets err (may be NULL) to INTERRUPTED.
bool interrupt_happened(struct err *err);

#endif
