// SPDX-License-Identifier: MIT
// Follows a byte or a number back to where it was made.
#include <string.h>

#include "trace/origin/walk.h"

enum { WALK_MOST = 400 };

int argument_register(int index)
{
    static const int order[RECORDING_ARGUMENTS] = {REGISTER_DI, REGISTER_SI, REGISTER_D,
                                                   REGISTER_C,  8,           9};
    return index >= 0 && index < RECORDING_ARGUMENTS ? order[index] : -1;
}

bool walk_done(struct walk *walk, enum origin_kind kind, int32_t step)
{
    walk->out->kind = kind;
    walk->out->step = step;
    walk->out->address = walk->in_register ? 0 : walk->address;
    return false;
}

void walk_add_hop(struct walk *walk, struct hop hop)
{
    if (walk->out->hop_count < HOPS)
        walk->out->hops[walk->out->hop_count++] = hop;
}

void walk_add_formatted(struct walk *walk, int32_t step, uint64_t index)
{
    struct origin *out = walk->out;
    if (out->formatted_count < FORMATS)
        out->formatted[out->formatted_count++] = (struct formatted){step, index};
}

void walk_remember_pointer(struct walk *walk, int32_t step, int number, uint64_t address)
{
    walk->out->pointer_step = step;
    walk->out->pointer_register = number;
    walk->out->pointer_address = address;
}

void walk_to_memory(struct walk *walk, int32_t step, uint64_t address)
{
    walk->step = step;
    walk->in_register = false;
    walk->address = address;
}

void walk_to_register(struct walk *walk, int32_t step, int number, uint64_t shift)
{
    walk->step = step;
    walk->in_register = true;
    walk->number = number;
    walk->shift = shift;
}

static bool walk_call(struct walk *walk, int32_t step)
{
    struct written written[WRITTEN_MOST];
    size_t count = call_writes(walk->r, step, written);
    for (size_t i = 0; i < count; i++) {
        uint64_t index = walk->address - written[i].address;
        if (index >= written[i].size)
            continue;
        switch (written[i].effect) {
        case EFFECT_COPY:
            walk_add_hop(walk, (struct hop){step, true, written[i].address, written[i].from,
                                            written[i].size, written[i].from + index});
            walk_remember_pointer(walk, step, argument_register(1), 0);
            if (strncmp(callee(walk->r, step), "realloc", 7) == 0 ||
                strstr(callee(walk->r, step), "dup") != NULL)
                walk_remember_pointer(walk, step, argument_register(0), 0);
            walk_to_memory(walk, step, written[i].from + index);
            return true;
        case EFFECT_FORMAT:
            return walk_formatted(walk, step, index);
        case EFFECT_INPUT:
            return walk_done(walk, ORIGIN_INPUT, step);
        default:
            return walk_done(walk, ORIGIN_WRITTEN, step);
        }
    }
    return walk_done(walk, ORIGIN_UNKNOWN, step);
}

static bool walk_memory(struct walk *walk)
{
    const struct recording *r = walk->r;
    int32_t writer = memory_writer(r, walk->step, walk->address);
    if (writer == NOBODY)
        return walk_done(walk, is_static(r, walk->address) ? ORIGIN_STATIC : ORIGIN_UNKNOWN,
                         NOBODY);
    if (r->steps[writer].call != 0)
        return walk_call(walk, writer);
    const struct instruction *insn = at(r, writer);
    walk->out->number = insn->immediate;
    if (insn->operation == OP_CONST)
        return walk_done(walk, ORIGIN_CONST, writer);
    if (insn->operation != OP_MOVE || insn->source < 0)
        return walk_done(walk, ORIGIN_COMPUTED, writer);
    walk_add_hop(walk, (struct hop){writer, false, walk->address, 0, 1, 0});
    walk_to_register(walk, writer, insn->source, walk->address - memory_address(r, writer));
    return true;
}

static bool walk_register(struct walk *walk)
{
    const struct recording *r = walk->r;
    int32_t writer = register_writer(r, walk->step, walk->number);
    if (writer == NOBODY)
        return walk_done(walk, ORIGIN_UNKNOWN, NOBODY);
    if (r->steps[writer].call != 0)
        return walk_done(walk, walk->number == REGISTER_A ? ORIGIN_RESULT : ORIGIN_UNKNOWN, writer);
    const struct instruction *insn = at(r, writer);
    walk->out->number = insn->immediate;
    switch (insn->operation) {
    case OP_CONST:
        return walk_done(walk, ORIGIN_CONST, writer);
    case OP_ADDRESS:
        walk->out->number = insn->displacement;
        return walk_done(walk, ORIGIN_CONST, writer);
    case OP_MOVE:
        if (insn->loads) {
            uint64_t address = memory_address(r, writer) + walk->shift;
            struct origin *out = walk->out;
            if (out->hop_count > 0 && !out->hops[out->hop_count - 1].is_copy)
                out->hops[out->hop_count - 1].from = out->hops[out->hop_count - 1].here = address;
            if (insn->base >= 0)
                walk_remember_pointer(walk, writer, insn->base, 0);
            walk_to_memory(walk, writer, address);
        } else if (insn->source >= 0) {
            walk_to_register(walk, writer, insn->source, walk->shift);
        } else {
            return walk_done(walk, ORIGIN_COMPUTED, writer);
        }
        return true;
    default:
        return walk_done(walk, ORIGIN_COMPUTED, writer);
    }
}

void walk_on(struct walk *walk)
{
    bool goes_on = true;
    while (goes_on && walk->left-- > 0)
        goes_on = walk->in_register ? walk_register(walk) : walk_memory(walk);
}

struct walk walk_begin(const struct recording *r, struct origin *out)
{
    *out = (struct origin){
        .step = NOBODY, .pointer_step = NOBODY, .pointer_register = -1, .argument_step = NOBODY};
    return (struct walk){.r = r, .out = out, .left = WALK_MOST};
}

void origin_of_byte(const struct recording *r, int32_t before, uint64_t address, struct origin *out)
{
    struct walk walk = walk_begin(r, out);
    walk_to_memory(&walk, before, address);
    walk_on(&walk);
}

void origin_of_register(const struct recording *r, int32_t step, int number, struct origin *out)
{
    struct walk walk = walk_begin(r, out);
    walk_to_register(&walk, step, number, 0);
    walk_on(&walk);
}

bool origin_of_pointer(const struct recording *r, const struct origin *end, struct origin *out)
{
    struct origin from = *end;
    if (from.pointer_step == NOBODY)
        return false;
    if (from.pointer_register >= 0)
        origin_of_register(r, from.pointer_step, from.pointer_register, out);
    else
        origin_of_byte(r, from.pointer_step, from.pointer_address, out);
    return true;
}
