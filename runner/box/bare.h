// SPDX-License-Identifier: MIT
/*
 * A box without namespaces (levels container and none): box-init is started directly. There are no
 * mounts, so the paths that the caller gave for inside become those outside. Only box.c uses it.
 */
#ifndef LAB_BARE_H
#define LAB_BARE_H

#include "base/str.h"
#include "box/box.h"

// What a path inside means outside; the caller frees it.
char *bare_path(const struct box_options *options, const char *path);
// The arguments and the environment, with the paths in them replaced.
void bare_arguments(const struct box_options *options, struct strings *out);
void bare_environment(const struct box_options *options, struct strings *out);
// Processes and threads that the box's user has already: RLIMIT_NPROC counts them too.
uint64_t bare_processes(const struct process_user *user);

#endif
