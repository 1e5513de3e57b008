// SPDX-License-Identifier: MIT
/*
 * Which host user runs what a check needs. An ordinary caller: itself. Root: a uid from 60513 up
 * that belongs to nobody, locked for as long as the caller lives.
 */
#ifndef LAB_USER_H
#define LAB_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "box/process.h"

// True when the kernel takes the caller for root: uid 0, and no user namespace of an ordinary user
// in which 0 is only a name.
bool user_is_root(void);
// Whether a folder of a root-called attempt may belong to this uid.
bool user_is_lent(uid_t uid);
// Picks the user. *out_lock is a descriptor that holds the uid until it is closed, or -1. ENV.
bool user_pick(struct process_user *out, int *out_lock, struct err *err);

#endif
