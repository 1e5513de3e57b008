// SPDX-License-Identifier: MIT
// Seeds and the random numbers made from them.
#include "base/seed.h"

#include <stdlib.h>
#include <sys/random.h>

uint64_t seed_new(void)
{
    uint64_t bits = 0;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        abort();
    return bits % 1000000;
}

uint64_t seed_next(struct seed_stream *stream)
{
    // splitmix64: one addition, then a mix that spreads every bit over the word.
    uint64_t z = stream->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t seed_for_check(uint64_t attempt_seed, const char *check_id)
{
    // FNV-1a over the id, started from the mixed attempt's seed.
    struct seed_stream stream = {attempt_seed};
    uint64_t hash = 0xcbf29ce484222325u ^ seed_next(&stream);
    for (const char *c = check_id; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    stream.state = hash;
    return seed_next(&stream);
}

uint64_t seed_below(struct seed_stream *stream, uint64_t bound)
{
    // Values below 2^64 mod bound would favour small results: draw again.
    uint64_t unfair = -bound % bound;
    uint64_t bits;
    do
        bits = seed_next(stream);
    while (bits < unfair);
    return bits % bound;
}
