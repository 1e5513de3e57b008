// SPDX-License-Identifier: MIT
/*
 * A strict reader of JSON text (RFC 8259) that builds nothing: it says where a text breaks the
 * grammar, and where the nth value of a good text lies. What cJSON accepts beyond the grammar
 * (trailing text, NULs, invalid UTF-8, odd numbers) it refuses.
 */
#ifndef LAB_JSON_SCAN_H
#define LAB_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

// Objects and arrays inside each other.
#define JSON_SCAN_DEPTH 64

struct json_scan_fault {
    size_t offset;       // of the byte that breaks a rule; the length when the text is too short
    const char *message; // one line, static
    const char *cure;    // static
};

struct json_scan_place {
    size_t key;   // offset of the key's opening quote; equals value where there is no key
    size_t value; // offset of the value's first byte
};

// True when the whole text is one JSON value; else *out says where and how it is not.
bool json_scan(const char *text, size_t length, struct json_scan_fault *out);
// The place of the nth value of a text that json_scan accepts. Values are numbered in the order
// of their first bytes: the root is 0, then its first member or item, then what lies in that.
bool json_scan_find(const char *text, size_t length, size_t nth, struct json_scan_place *out);

#endif
