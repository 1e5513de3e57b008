// SPDX-License-Identifier: MIT
// A byte that is another than the expected one.
#include <string.h>
#include <strings.h>

#include "trace/origin/inquiry.h"

// Is there more of the same before the piece that was copied?
bool is_cut(const struct recording *r, const struct hop *hop)
{
    int32_t before = memory_writer(r, hop->step, hop->from - 1);
    int32_t first = memory_writer(r, hop->step, hop->from);
    return before != NOBODY && first != NOBODY &&
           (before == first || r->steps[before].ip == r->steps[first].ip);
}

// Where a byte stood before a variable of its own held it on its way.
static uint64_t stood_at(const struct origin *origin, size_t i)
{
    uint64_t from = origin->hops[i].from;
    while (i + 1 < origin->hop_count && !origin->hops[i + 1].is_copy &&
           origin->hops[i + 1].to == from && origin->hops[i + 1].from != 0)
        from = origin->hops[++i].from;
    return from;
}

// The own store whose byte comes from another distance than the one before it.
static bool shifts(const struct recording *r, const struct origin *origin, size_t i)
{
    const struct hop *hop = &origin->hops[i];
    int32_t before = memory_writer(r, hop->step, hop->to - 1);
    if (hop->from == 0 || before == NOBODY || r->steps[before].ip != r->steps[hop->step].ip)
        return false;
    struct origin last;
    origin_of_byte(r, hop->step, hop->to - 1, &last);
    return last.hop_count == 0 || last.hops[0].from == 0 ||
           hop->to - 1 - stood_at(&last, 0) != hop->to - stood_at(origin, i);
}

// What was received, not read from a file, and on another connection than the one that is wrong.
static bool is_of_other_client(const struct recording *r, const struct origin *origin)
{
    if (origin->kind != ORIGIN_INPUT)
        return false;
    const struct recorded_call *call = call_at(r, origin->step);
    return strncmp(callee(r, origin->step), "recv", 4) == 0 &&
           (int64_t)(int)call->arguments[0] != r->code.descriptor;
}

// Both calls sent what lay at the same address, and nobody had written there in between.
static bool sends_again(const struct recording *r, const struct sent *sent, size_t offset)
{
    struct sent previous;
    return sent->index == 0 && offset > r->code.sent && find_sent(r, offset - 1, &previous) &&
           previous.start == sent->start && r->steps[previous.step].ip == r->steps[sent->step].ip &&
           memory_writer(r, sent->step, sent->start) < previous.step;
}

bool rule_different(struct inquiry *inquiry, size_t offset)
{
    struct recording *r = inquiry->r;
    struct sent sent;
    struct origin origin, pointer;
    if (!origin_of_sent(r, offset, &sent, &origin))
        return false;
    if (is_of_other_client(r, &origin))
        return tell(inquiry, TOLD_MADE_BY, sent.step,
                    "a byte that came from another client was sent here");
    if (sends_again(r, &sent, offset))
        return tell(inquiry, TOLD_MADE_BY, sent.step,
                    "this call sent from the same address as the one before it");
    for (size_t i = 0; i < origin.hop_count; i++) {
        const struct hop *hop = &origin.hops[i];
        if (!hop->is_copy && origin.kind == ORIGIN_INPUT && shifts(r, &origin, i))
            return tell(inquiry, TOLD_MADE_BY, hop->step,
                        "the byte written here does not follow the one before it in its source");
        if (!hop->is_copy || hop->here != hop->from || !is_cut(r, hop))
            continue;
        origin_of_register(r, hop->step, argument_register(1), &pointer);
        if (pointer.step != NOBODY)
            return tell(inquiry, TOLD_MADE_BY, pointer.step,
                        "the copy began at an address that was made here");
    }
    if (origin.kind == ORIGIN_RESULT && is_number_reader(callee(r, origin.step))) {
        // A number of the request goes out as it came: who asked about it last?
        int32_t last = NOBODY;
        for (int32_t i = origin.step; i < sent.step; i++) {
            const struct instruction *insn = at(r, i);
            if (insn->operation != OP_COMPARE)
                continue;
            struct origin asked;
            for (int k = 0; k < REGISTERS; k++) {
                if (!(insn->reads >> k & 1) || k == insn->base || k == insn->index)
                    continue;
                origin_of_register(r, i, k, &asked);
                if (asked.kind == ORIGIN_RESULT && asked.step == origin.step)
                    last = i;
            }
        }
        if (last != NOBODY)
            return tell(inquiry, TOLD_READ_BY, last,
                        "the last condition that asked about this number of the request");
    }
    return tell_origin(inquiry, &origin, NULL);
}

// What is missing was sent, behind the end that the head names: the number in the head is wrong.
bool rule_length_field(struct inquiry *inquiry, size_t offset, long start, int next)
{
    static const char name[] = "content-length: ";
    const struct bytes *reply = &inquiry->failure->reply;
    size_t sent = inquiry->r->code.sent, length = sizeof name - 1;
    if (start < 0 || offset - sent >= reply->length || reply->data[offset - sent] != next)
        return false;
    for (size_t i = (size_t)start - sent; i + length < offset - sent; i++)
        if (strncasecmp((const char *)reply->data + i, name, length) == 0)
            return rule_different(inquiry, sent + i + length);
    return false;
}
