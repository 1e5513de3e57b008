// SPDX-License-Identifier: MIT
// Who wrote a register or the flags before a step, and what a byte was then.
#include <stdlib.h>
#include <string.h>

#include "trace/origin/origin.h"

int32_t register_writer(const struct recording *r, int32_t step, int number)
{
    // What a call may leave changed: rax, rcx, rdx, rsi, rdi, r8 to r11.
    static const uint32_t changed = 0x0fc7;
    if (number < 0 || number >= 32)
        return NOBODY;
    for (int32_t i = r->previous[step]; i != NOBODY; i = r->previous[i]) {
        if (at(r, i)->writes >> number & 1)
            return i;
        if (r->steps[i].call != 0 && (number >= REGISTERS || changed >> number & 1))
            return i;
    }
    return NOBODY;
}

int32_t flags_writer(const struct recording *r, int32_t step)
{
    for (int32_t i = r->previous[step]; i != NOBODY; i = r->previous[i])
        if (at(r, i)->writes_flags)
            return i;
    return NOBODY;
}

// As the call found it: what was there before the recording, an argument of main() say.
static int byte_of_source(const struct recorded_call *call, uint64_t address)
{
    for (int i = 0; i < RECORDING_POINTERS; i++)
        if (address - call->arguments[i] < call->before_length[i])
            return call->before[i][address - call->arguments[i]];
    return -1;
}

static int byte_of_call(const struct recording *r, int32_t step, uint64_t address, int depth);

static int byte_at_depth(const struct recording *r, int32_t before, uint64_t address, int depth)
{
    int32_t writer = memory_writer(r, before, address);
    if (writer == NOBODY && address - r->constants.start < r->constants.size)
        return r->constants.bytes[address - r->constants.start];
    if (writer == NOBODY || depth > 40)
        return -1;
    if (r->steps[writer].call != 0)
        return byte_of_call(r, writer, address, depth);
    const struct instruction *insn = at(r, writer);
    uint64_t shift = (address - memory_address(r, writer)) * 8;
    if (shift >= 64)
        return -1;
    if (insn->operation == OP_CONST)
        return (int)((uint64_t)insn->immediate >> shift & 255);
    if (insn->operation == OP_MOVE && insn->source >= 0 && insn->source < REGISTERS)
        return (int)(r->steps[writer].registers[insn->source] >> shift & 255);
    return -1;
}

static int byte_of_call(const struct recording *r, int32_t step, uint64_t address, int depth)
{
    struct written written[WRITTEN_MOST];
    size_t count = call_writes(r, step, written);
    const struct recorded_call *call = call_at(r, step);
    for (size_t i = 0; i < count; i++) {
        if (address - written[i].address >= written[i].size)
            continue;
        if (written[i].effect == EFFECT_ZERO)
            return 0;
        if (written[i].effect == EFFECT_COPY) {
            uint64_t index = address - written[i].address;
            bool ends = strcmp(callee(r, step), "strndup") == 0 && index == call->arguments[1];
            int byte = ends ? 0 : byte_at_depth(r, step, written[i].from + index, depth + 1);
            return byte >= 0 ? byte : byte_of_source(call, written[i].from + index);
        }
    }
    for (int i = 0; i < RECORDING_POINTERS; i++)
        if (address - call->arguments[i] < call->after_length[i])
            return call->after[i][address - call->arguments[i]];
    return -1;
}

int byte_before(const struct recording *r, int32_t before, uint64_t address)
{
    return byte_at_depth(r, before, address, 0);
}

uint64_t number_before(const struct recording *r, int32_t before, uint64_t address, int size,
                       bool *known)
{
    uint64_t value = 0;
    *known = true;
    for (int i = 0; i < size; i++) {
        int byte = byte_before(r, before, address + (uint64_t)i);
        *known = *known && byte >= 0;
        value |= (uint64_t)(byte & 255) << (8 * i);
    }
    return value;
}
