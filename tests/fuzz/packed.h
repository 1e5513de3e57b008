// SPDX-License-Identifier: MIT
/*
 * Seeds of the target `recording`: a failure as JSON, a program, and a recording of it, made small
 * so that a mutation hits something. A recording's step is nearly the one before, and most of a
 * program is zeros: what is kept of a part is its difference to the bytes `stride` before, as
 *
 *   N < 128          N + 1 bytes that do not differ
 *   N >= 128, …      N - 127 bytes that do
 *
 * An input is the sizes of failure and packed program (4 bytes each, the lowest first), then these
 * and the packed recording.
 */
#ifndef LAB_FUZZ_PACKED_H
#define LAB_FUZZ_PACKED_H

#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "trace/recording.h"

enum { PACKED_STEP = sizeof(struct recorded_step), PACKED_RUN = 128, PACKED_HEAD = 8 };

static inline unsigned char packed_difference(const struct str *part, size_t at, size_t stride)
{
    unsigned char before = at >= stride && stride > 0 ? (unsigned char)part->data[at - stride] : 0;
    return (unsigned char)part->data[at] ^ before;
}

static inline void pack(const struct str *part, size_t stride, struct str *out)
{
    for (size_t at = 0; at < part->length;) {
        bool differs = packed_difference(part, at, stride) != 0;
        size_t run = 0;
        while (run < PACKED_RUN && at + run < part->length &&
               (packed_difference(part, at + run, stride) != 0) == differs)
            run++;
        str_append_char(out, (char)(differs ? PACKED_RUN + run - 1 : run - 1));
        for (size_t i = 0; differs && i < run; i++)
            str_append_char(out, (char)packed_difference(part, at + i, stride));
        at += run;
    }
}

// At most `most` bytes, and a few.
static inline void unpack(const unsigned char *packed, size_t size, size_t stride, size_t most,
                          struct str *out)
{
    for (size_t at = 0; at < size && out->length < most;) {
        size_t run = packed[at] % PACKED_RUN + 1;
        bool differs = packed[at++] >= PACKED_RUN;
        for (size_t i = 0; i < run; i++) {
            size_t here = out->length;
            char before = stride > 0 && here >= stride ? out->data[here - stride] : 0;
            char difference = differs && at < size ? (char)packed[at++] : 0;
            str_append_char(out, (char)(before ^ difference));
        }
    }
}

static inline void packed_size(size_t size, unsigned char out[4])
{
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(size >> 8 * i);
}

struct packed {
    const unsigned char *failure, *program, *recording;
    size_t failure_size, program_size, recording_size;
};

static inline size_t packed_size_read(const unsigned char *bytes)
{
    size_t size = 0;
    for (int i = 0; i < 4; i++)
        size |= (size_t)bytes[i] << 8 * i;
    return size;
}

// The parts of an input; what they claim to be larger than it is ends where it ends.
static inline struct packed packed_read(const unsigned char *data, size_t size)
{
    struct packed parts = {data, data, data, 0, 0, 0};
    if (size < PACKED_HEAD)
        return parts;
    size_t left = size - PACKED_HEAD;
    parts.failure = data + PACKED_HEAD;
    parts.failure_size = packed_size_read(data);
    parts.failure_size = parts.failure_size < left ? parts.failure_size : left;
    left -= parts.failure_size;
    parts.program = parts.failure + parts.failure_size;
    parts.program_size = packed_size_read(data + 4);
    parts.program_size = parts.program_size < left ? parts.program_size : left;
    parts.recording = parts.program + parts.program_size;
    parts.recording_size = left - parts.program_size;
    return parts;
}

#endif
