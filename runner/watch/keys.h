// SPDX-License-Identifier: MIT
// From the bytes that a terminal sends to keys.
#ifndef LAB_WATCH_KEYS_H
#define LAB_WATCH_KEYS_H

#include <stddef.h>

enum key { // a printable character is itself
    KEY_NONE = 0,
    KEY_ESCAPE = 0x100,
    KEY_UP,
    KEY_DOWN,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_HOME,
    KEY_END,
    KEY_OTHER, // one that nothing is bound to
};

// The first key in the bytes of one read; *out_used says how many of them it is. An escape sequence
// that is cut off at the end of the read is taken for a key of no use.
int key_read(const char *bytes, size_t length, size_t *out_used);

#endif
