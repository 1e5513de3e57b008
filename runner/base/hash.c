// SPDX-License-Identifier: MIT
// Content hashes: SHA-256 by nettle, a small library without dependencies of its own.
#include "base/hash.h"

#include <nettle/sha2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct hash {
    struct sha256_ctx context;
};

struct hash *hash_new(void)
{
    struct hash *hash = mem_alloc(sizeof *hash);
    sha256_init(&hash->context);
    return hash;
}

void hash_add(struct hash *hash, const void *bytes, size_t length)
{
    if (length > 0)
        sha256_update(&hash->context, length, bytes);
}

static void add_number(struct hash *hash, uint64_t number)
{
    // Byte by byte: the same on every machine.
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    hash_add(hash, bytes, sizeof bytes);
}

void hash_add_field(struct hash *hash, const void *bytes, size_t length)
{
    add_number(hash, length);
    hash_add(hash, bytes, length);
}

void hash_add_text(struct hash *hash, const char *text)
{
    if (text == NULL)
        add_number(hash, UINT64_MAX);
    else
        hash_add_field(hash, text, strlen(text));
}

char *hash_finish(struct hash *hash)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[SHA256_DIGEST_SIZE];
    sha256_digest(&hash->context, sizeof bytes, bytes);
    free(hash);
    char *text = mem_alloc(2 * sizeof bytes + 1);
    for (size_t i = 0; i < sizeof bytes; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return text;
}

char *hash_hex(const void *bytes, size_t length)
{
    struct hash *hash = hash_new();
    hash_add(hash, bytes, length);
    return hash_finish(hash);
}
