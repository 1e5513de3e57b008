// SPDX-License-Identifier: MIT
/*
 * Landlock: which files a program may touch when no mount namespace hides the others. Raw system
 * calls (landlock(7)); glibc has none.
 */
#ifndef LAB_LANDLOCK_H
#define LAB_LANDLOCK_H

#include "base/err.h"
#include "box/box.h"

// The kernel's version of Landlock; 0 when it has none or forbids it.
int landlock_version(void);
// A ruleset for what the box shows: the system read-only, the caller's mounts, no hidden folder.
// Close-on-exec; for landlock_restrict_self in the child. -1 and err (ENV).
int landlock_rules(const struct box_options *options, struct err *err);

#endif
