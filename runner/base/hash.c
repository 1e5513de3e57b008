// SPDX-License-Identifier: MIT
// SHA-256, as FIPS 180-4 section 6.2 writes it.
#include "base/hash.h"

#include <string.h>

#include "base/str.h"

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static void schedule(const unsigned char *block, uint32_t words[64])
{
    for (size_t i = 0; i < 16; i++)
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                   (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (size_t i = 16; i < 64; i++) {
        uint32_t near = words[i - 2];
        uint32_t far = words[i - 15];
        words[i] = words[i - 16] + words[i - 7] + (rotate(far, 7) ^ rotate(far, 18) ^ far >> 3) +
                   (rotate(near, 17) ^ rotate(near, 19) ^ near >> 10);
    }
}

static void compress(struct hash *hash, const unsigned char *block)
{
    uint32_t words[64];
    uint32_t v[8]; // a to h of the standard
    schedule(block, words);
    memcpy(v, hash->state, sizeof v);
    for (size_t i = 0; i < 64; i++) {
        uint32_t one = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
                       ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + words[i];
        uint32_t two = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) +
                       ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (size_t i = 0; i < 8; i++)
        hash->state[i] += v[i];
}

void hash_add(struct hash *hash, const void *bytes, size_t length)
{
    const unsigned char *next = bytes;
    size_t held = hash->length % sizeof hash->block;
    hash->length += length;
    while (length > 0) {
        size_t part = sizeof hash->block - held;
        if (part > length)
            part = length;
        memcpy(hash->block + held, next, part);
        held += part;
        next += part;
        length -= part;
        if (held == sizeof hash->block) {
            compress(hash, hash->block);
            held = 0;
        }
    }
}

static void big_endian(uint64_t number, unsigned char out[8])
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (unsigned char)(number >> (56 - 8 * i));
}

void hash_add_part(struct hash *hash, const void *bytes, size_t length)
{
    unsigned char size[8];
    big_endian(length, size);
    hash_add(hash, size, sizeof size);
    hash_add(hash, bytes, length);
}

char *hash_take_hex(struct hash *hash)
{
    static const unsigned char padding[64] = {0x80};
    unsigned char bits[8];
    big_endian(hash->length * 8, bits);
    size_t held = hash->length % 64;
    hash_add(hash, padding, held < 56 ? 56 - held : 120 - held);
    hash_add(hash, bits, sizeof bits);
    struct str hex = STR_INIT;
    for (size_t i = 0; i < 8; i++)
        str_append_format(&hex, "%08x", (unsigned)hash->state[i]);
    *hash = (struct hash)HASH_INIT;
    return str_take(&hex);
}
