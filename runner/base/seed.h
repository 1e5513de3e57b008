// SPDX-License-Identifier: MIT
/*
 * Seeds and the random numbers made from them: the same seed gives the same numbers on every
 * machine. Not for secrets.
 */
#ifndef LAB_SEED_H
#define LAB_SEED_H

#include <stdint.h>

struct seed_stream {
    uint64_t state;
};

// A new seed of at most 999,999, from the kernel: short enough to be typed after --seed.
uint64_t seed_new(void);
// The seed of one check: depends on the attempt's seed and the check's id alone, so that order,
// selection and cores change nothing.
uint64_t seed_for_check(uint64_t attempt_seed, const char *check_id);
// The next 64 bits (splitmix64).
uint64_t seed_next(struct seed_stream *stream);
// A number below `bound`, without bias. bound > 0.
uint64_t seed_below(struct seed_stream *stream, uint64_t bound);

#endif
