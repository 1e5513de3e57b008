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

static void output_keep(struct kit_output *output, const char *bytes, size_t length)
{
    output->written += length;
    if (output->most == 0)
        return;
    size_t room = output->most / 2 - output->head.length;
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
    while (output->descriptor >= 0 && done < READ_AT_ONCE) {
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
    if (output->descriptor >= 0)
        close(output->descriptor);
    output->descriptor = -1;
    str_release(&output->head);
    str_release(&output->tail);
}
