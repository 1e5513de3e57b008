// SPDX-License-Identifier: MIT
/*
 * Content hashes: SHA-256 in 64 lower-case hexadecimal digits.
 *
 *     struct hash *hash = hash_new();
 *     hash_add_field(hash, name, strlen(name));
 *     hash_add_field(hash, data, length);
 *     char *digits = hash_finish(hash);
 */
#ifndef LAB_HASH_H
#define LAB_HASH_H

#include <stddef.h>

#define HASH_DIGITS 64

struct hash;

struct hash *hash_new(void);
void hash_add(struct hash *hash, const void *bytes, size_t length);
// Adds the length, then the bytes, so that "ab","c" and "a","bc" differ.
void hash_add_field(struct hash *hash, const void *bytes, size_t length);
// The same for a string without its NUL; NULL differs from "".
void hash_add_text(struct hash *hash, const char *text);
// The digits; the caller frees them. Frees the hash.
char *hash_finish(struct hash *hash);

// Of some bytes at once; the caller frees it.
char *hash_hex(const void *bytes, size_t length);

#endif
