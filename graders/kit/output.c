// SPDX-License-Identifier: MIT
/*
 * What the program writes to its standard output and error. Nothing is lost for the program: the
 * pipes are read while the check waits. Of much output head and tail are kept.
 */
#include "program.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define READ_AT_ONCE (1U << 20)
#define DIFFERENT_KEPT 64U
#define KEPT_WHILE_COMPARED 4096U

static void tail_append(struct kit_output *output, const char *bytes, size_t length)
{
    size_t most = output->most / 2;
    if (length > most) {
        bytes += length - most;
        length = most;
    }
    str_append_bytes(&output->tail, bytes, length);
    // Cut only now and then: each cut moves the rest.
    if (output->tail.length <= 2 * most)
        return;
    memmove(output->tail.data, output->tail.data + output->tail.length - most, most);
    output->tail.length = most;
    output->tail.data[most] = '\0';
}

static void compare_some(struct kit_output *output, const char *bytes, size_t length)
{
    static unsigned char expected[4096];
    const struct stream *stream = output->stream;
    if (output->different.length == 0 && output->compared < stream->length) {
        uint64_t left = stream->length - output->compared;
        size_t part = length < sizeof expected ? length : sizeof expected;
        part = left < part ? (size_t)left : part;
        stream_fill(stream, output->compared, expected, part);
        size_t same = 0;
        while (same < part && (unsigned char)bytes[same] == expected[same])
            same++;
        output->compared += same;
        if (same == length)
            return;
        bytes += same;
        length -= same;
        if (same == part && output->compared < stream->length) {
            compare_some(output, bytes, length);
            return;
        }
    }
    size_t room = DIFFERENT_KEPT - output->different.length;
    str_append_bytes(&output->different, bytes, length < room ? length : room);
}

void kit_output_compare(struct kit_output *output, const struct stream *stream)
{
    output->stream = stream;
    if (output->head.length > 0)
        compare_some(output, output->head.data, output->head.length);
    output->most = KEPT_WHILE_COMPARED;
}

static void output_keep(struct kit_output *output, const char *bytes, size_t length)
{
    output->written += length;
    if (output->stream != NULL)
        compare_some(output, bytes, length);
    if (output->most == 0)
        return;
    size_t half = output->most / 2;
    size_t room = output->head.length < half ? half - output->head.length : 0;
    size_t first = length < room ? length : room;
    if (first > 0)
        str_append_bytes(&output->head, bytes, first);
    if (length > first)
        tail_append(output, bytes + first, length - first);
}

void kit_output_read(struct kit_output *output)
{
    static char buffer[65536];
    size_t done = 0;
    while (output->descriptor >= 0 && !output->held && done < READ_AT_ONCE) {
        ssize_t got = read(output->descriptor, buffer, sizeof buffer);
        if (got > 0) {
            output_keep(output, buffer, (size_t)got);
            done += (size_t)got;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(output->descriptor);
            output->descriptor = -1;
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

void kit_output_leave(struct kit_output *output)
{
    if (output->descriptor >= 0)
        close(output->descriptor);
    output->descriptor = -1;
}

void kit_output_text(const struct kit_output *output, struct str *out)
{
    size_t half = output->most / 2;
    size_t tail = output->tail.length < half ? output->tail.length : half;
    str_append_bytes(out, str_text(&output->head), output->head.length);
    uint64_t missing = output->most == 0 ? 0 : output->written - output->head.length - tail;
    if (missing > 0)
        str_append_format(out, "\n[%llu bytes left out]\n", (unsigned long long)missing);
    if (tail > 0)
        str_append_bytes(out, output->tail.data + output->tail.length - tail, tail);
}

void kit_output_release(struct kit_output *output)
{
    kit_output_leave(output);
    str_release(&output->different);
    str_release(&output->head);
    str_release(&output->tail);
}
