// SPDX-License-Identifier: MIT
/*
 * SHA-256 (FIPS 180-4): names content. Small enough to be ours: no library that is linked anyway
 * has one.
 *
 *     struct hash hash = HASH_INIT;
 *     hash_add(&hash, bytes, length);       // any number of times
 *     char *name = hash_take_hex(&hash);    // 64 digits; the hash is new again
 */
#ifndef LAB_HASH_H
#define LAB_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash {
    uint32_t state[8];
    uint64_t length; // bytes added so far
    unsigned char block[64];
};
#define HASH_INIT                                                                                  \
    {                                                                                              \
        {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,                                           \
         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},                                          \
            0,                                                                                     \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

void hash_add(struct hash *hash, const void *bytes, size_t length);
// A text and where it ends: the length first, so that "ab" + "c" differs from "a" + "bc".
void hash_add_part(struct hash *hash, const void *bytes, size_t length);
char *hash_take_hex(struct hash *hash); // lower case; the caller frees it

#endif
