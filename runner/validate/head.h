// SPDX-License-Identifier: MIT
/*
 * Heads of wrong and accepted programs: what the author claims.
 *
 *     Bug: Content-Length counts one byte too many        (wrong/NAME.patch)
 *     Breaks: echo/content_length_matches_body
 *     May-break: keep-alive/… (with a star: all of a step)
 *
 *     # Differs: gzip/q_zero_means_no -- nginx has no …   (accepted/NAME.sh, // in accepted/NAME.c)
 */
#ifndef LAB_HEAD_H
#define LAB_HEAD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct head {
    char *bug;
    struct strings breaks;        // "step/check"
    struct strings may_break;     // "step/check", "step/*" or "*"
    struct strings differs;       // "step/check"
    size_t hunks, added, removed; // of the patch
};

// Reads the head of a patch as far as there is one, and counts its hunks and changed lines. Errors:
// LAB, with file and line.
bool head_read_patch(const char *path, const char *text, struct head *out, struct err *err);
// Has the patch's head its Bug and Breaks lines? No: LAB. `lab validate --explain` makes them.
bool head_is_whole(const char *path, const struct head *head, struct err *err);
// Reads the Differs lines of an accepted program.
bool head_read_accepted(const char *path, const char *text, struct head *out, struct err *err);
void head_release(struct head *head);

// Does "*", "step/*" or "step/check" in the list cover the check?
bool head_covers(const struct strings *list, const char *check);

#endif
