// SPDX-License-Identifier: MIT
// Which call sent a byte, and where the byte came from.
#include <string.h>

#include "trace/origin/inquiry.h"

bool find_sent(const struct recording *r, size_t offset, struct sent *out)
{
    uint64_t position = r->code.sent, stream = 0;
    for (int32_t i = (int32_t)r->code.before; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL)
            continue;
        uint64_t address;
        if (strcmp(callee(r, i), "fdopen") == 0 &&
            (int64_t)(int)call->arguments[0] == r->code.descriptor)
            stream = call->result;
        size_t size = call_sends(r, i, (int)r->code.descriptor, stream, &address);
        if (offset >= position && offset < position + size) {
            uint64_t index = offset - position;
            *out = (struct sent){i, address == 0 ? 0 : address + index, index, address, size};
            return true;
        }
        position += size;
    }
    return false;
}

bool origin_of_sent(const struct recording *r, size_t offset, struct sent *sent, struct origin *out)
{
    if (!find_sent(r, offset, sent))
        return origin_of_served(r, offset, sent, out);
    if (sent->address != 0)
        origin_of_byte(r, sent->step, sent->address, out);
    else
        origin_of_formatted(r, sent->step, sent->index, out);
    if (out->pointer_step == NOBODY && sent->address != 0) {
        bool is_stream = callee(r, sent->step)[0] == 'f';
        out->pointer_step = sent->step;
        out->pointer_register = argument_register(is_stream ? 0 : 1);
    }
    return true;
}
