// SPDX-License-Identifier: MIT
/*
 * What is on its way to the client: bytes in memory, then a part of a file, read piece by piece, or
 * the whole file, compressed piece by piece into chunks. So a client that reads slowly costs 64 KiB
 * whatever it asked for.
 */
#ifndef ACCEPTED_OUTPUT_H
#define ACCEPTED_OUTPUT_H

#include "bytes.h"
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>
#include <zlib.h>

enum { OUTPUT_PIECE = 64 * 1024 };

struct output {
    struct bytes bytes;
    size_t sent; /* of `bytes` */
    bool has_file;
    int file;
    off_t at;      /* where in the file to go on */
    uint64_t left; /* of the file; not used when it is compressed */
    bool is_compressed;
    z_stream deflater;
    bool is_broken; /* the file ended before what was announced: the client must not be fooled */
};

static inline void output_end_file(struct output *output)
{
    if (!output->has_file)
        return;
    if (output->is_compressed)
        deflateEnd(&output->deflater);
    close(output->file);
    output->has_file = false;
}

/* Forget what was not sent yet. */
static inline void output_drop(struct output *output)
{
    output_end_file(output);
    bytes_clear(&output->bytes);
    output->sent = 0;
}

static inline void output_release(struct output *output)
{
    output_end_file(output);
    bytes_release(&output->bytes);
}

/* Send `left` bytes of `file` from `at` behind what is already there; closes `file` in the end. */
static inline void output_file(struct output *output, int file, off_t at, uint64_t left)
{
    output->has_file = true;
    output->file = file;
    output->at = at;
    output->left = left;
    output->is_compressed = false;
}

/* Send all of `file` as gzip in chunks; closes `file` in the end. */
static inline void output_compressed_file(struct output *output, int file)
{
    enum { GZIP_FRAMING = 16 + MAX_WBITS, DEFAULT_MEMORY = 8 };
    output_file(output, file, 0, 0);
    output->is_compressed = true;
    output->deflater = (z_stream){0};
    if (deflateInit2(&output->deflater, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_FRAMING,
                     DEFAULT_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
}

static inline void output_plain_piece(struct output *output)
{
    size_t wanted = output->left < OUTPUT_PIECE ? (size_t)output->left : OUTPUT_PIECE;
    bytes_reserve(&output->bytes, wanted);
    ssize_t size = wanted ? pread(output->file, output->bytes.at, wanted, output->at) : 0;
    if (size > 0) {
        output->bytes.size = (size_t)size;
        output->at += size;
        output->left -= (uint64_t)size;
    } else if (wanted) {
        output->is_broken = true;
    }
    if (!output->left || output->is_broken)
        output_end_file(output);
}

/* One chunk, or the last chunk when `size` is 0. */
static inline void output_chunk(struct output *output, const char *data, size_t size)
{
    bytes_print(&output->bytes, "%zx\r\n", size);
    bytes_add(&output->bytes, data, size);
    bytes_add(&output->bytes, "\r\n", 2);
}

static inline void output_compressed_piece(struct output *output)
{
    static _Thread_local char from[OUTPUT_PIECE / 4], to[OUTPUT_PIECE / 2];
    z_stream *deflater = &output->deflater;
    ssize_t size = pread(output->file, from, sizeof from, output->at);
    int result = Z_OK;

    if (size < 0) {
        output->is_broken = true;
        output_end_file(output);
        return;
    }
    output->at += size;
    deflater->next_in = (Bytef *)from;
    deflater->avail_in = (uInt)size;
    do {
        deflater->next_out = (Bytef *)to;
        deflater->avail_out = sizeof to;
        result = deflate(deflater, size ? Z_NO_FLUSH : Z_FINISH);
        if (deflater->avail_out < sizeof to)
            output_chunk(output, to, sizeof to - deflater->avail_out);
    } while (deflater->avail_out == 0);
    if (result == Z_STREAM_END) {
        output_chunk(output, "", 0);
        output_end_file(output);
    }
}

/* What is to be sent next; 0 when there is nothing. */
static inline size_t output_pending(struct output *output, const char **at)
{
    while (output->sent == output->bytes.size && output->has_file) {
        bytes_clear(&output->bytes);
        output->sent = 0;
        if (output->is_compressed)
            output_compressed_piece(output);
        else
            output_plain_piece(output);
    }
    *at = output->bytes.at + output->sent;
    return output->bytes.size - output->sent;
}

/* That many bytes of what output_pending() gave were sent. */
static inline void output_sent(struct output *output, size_t size)
{
    output->sent += size;
    if (output->sent == output->bytes.size) {
        bytes_clear(&output->bytes);
        output->sent = 0;
    }
}

static inline bool output_is_empty(const struct output *output)
{
    return output->sent == output->bytes.size && !output->has_file;
}

#endif
