// SPDX-License-Identifier: MIT
// What the files of expectations share.
#ifndef KIT_EXPECT_H
#define KIT_EXPECT_H

#include "internal.h"

// Bytes as a part of a sentence: escaped, cut after 60 characters. Kept.
const char *expect_shown(struct kit_bytes bytes);
// A failure on the reply's connection, `at` bytes behind the beginning of its head.
struct kit_failure expect_failure(const struct kit_reply *reply, size_t at, const char *message,
                                  int line);

#endif
