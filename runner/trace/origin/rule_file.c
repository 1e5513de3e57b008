// SPDX-License-Identifier: MIT
// A file, or standard output, that was written with the wrong bytes.
#include <string.h>
#include <unistd.h>

#include "trace/origin/inquiry.h"

// How much a call of stdio that names no stream printed. It has no buffer to look at: *out_start
// is 0.
static size_t printed_by(const struct recorded_call *call, const char *name, uint64_t *out_start)
{
    *out_start = 0;
    if (strcmp(name, "putchar") == 0)
        return 1;
    if (strcmp(name, "puts") != 0 && strcmp(name, "printf") != 0 && strcmp(name, "vprintf") != 0)
        return 0;
    *out_start = strcmp(name, "puts") == 0 ? call->arguments[0] : 0; // and a line feed
    return (int)call->result > 0 ? (size_t)(int)call->result : 0;
}

// The call that wrote the byte at `wanted` of a file, or of standard output.
bool find_written(struct inquiry *inquiry, size_t wanted, struct sent *out)
{
    struct recording *r = inquiry->r;
    size_t position = 0;
    bool found = false;
    for (int32_t i = 0; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        const char *name = callee(r, i);
        if (call == NULL)
            continue;
        if (strcmp(name, "fopen") == 0 || strcmp(name, "open") == 0 || strncmp(name, "mk", 2) == 0)
            position = 0;
        bool is_stream = strcmp(name, "fwrite") == 0;
        bool is_file = strcmp(name, "write") == 0 &&
                       ((int)call->arguments[0] > STDERR_FILENO ||
                        (inquiry->failure->printed && (int)call->arguments[0] == STDOUT_FILENO)) &&
                       (int64_t)(int)call->arguments[0] != r->code.descriptor;
        uint64_t start = call->arguments[is_stream ? 0 : 1], index = wanted - position;
        uint64_t size = is_stream ? call->arguments[1] * call->arguments[2] : call->arguments[2];
        if (!is_stream && !is_file)
            size = inquiry->failure->printed ? printed_by(call, name, &start) : 0;
        if (wanted >= position && index < size) {
            bool is_made = start == 0 || (strcmp(name, "puts") == 0 && index + 1 == size);
            *out = (struct sent){i, is_made ? 0 : start + index, index, start, size};
            found = true;
        }
        position += size;
    }
    return found;
}

bool rule_file(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    const struct failure *failure = inquiry->failure;
    size_t same = 0;
    while (same < failure->expected.length && same < failure->actual.length &&
           failure->expected.data[same] == failure->actual.data[same])
        same++;
    size_t wanted = same < failure->actual.length || same == 0 ? same : same - 1;
    struct sent sent;
    if (!find_written(inquiry, wanted, &sent))
        return false;
    int32_t found = sent.step;
    uint64_t address = sent.address, index = sent.index, total = sent.size;
    struct origin origin;
    if (address == 0)
        return tell(inquiry, TOLD_MADE_BY, found,
                    same < failure->actual.length ? NULL
                                                  : "the last byte that is right was "
                                                    "printed here");
    origin_of_byte(r, found, address, &origin);
    if (same < failure->actual.length)
        return tell_origin(inquiry, &origin, NULL);
    int next = same < failure->expected.length ? failure->expected.data[same] : -1;
    bool is_stream = callee(r, found)[0] == 'f';
    int length = is_stream && call_at(r, found)->arguments[2] == 1 ? 1 : 2;
    if (index + 1 == total && byte_before(r, found, address + 1) == next && next >= 0) {
        struct origin made;
        origin_of_register(r, found, argument_register(length), &made);
        // A NUL stands behind most texts: it is a byte of the file only if the rest follows too.
        if (made.kind == ORIGIN_RESULT || next != 0)
            return tell_length(inquiry, found, length);
    }
    return tell_truncated(inquiry, &origin, next) ||
           tell_origin(inquiry, &origin, "the last byte that is right came from here");
}
