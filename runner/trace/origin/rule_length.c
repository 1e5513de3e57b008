// SPDX-License-Identifier: MIT
// Bytes that are missing at the end, or too many.
#include <string.h>

#include "trace/origin/inquiry.h"

static bool source_goes_on(const struct recording *r, int32_t step, uint64_t address, int expected)
{
    if (memory_writer(r, step, address) == NOBODY)
        return variable_at(r, address) != NULL;
    int byte = byte_before(r, step, address);
    return byte < 0 || byte == expected;
}

bool tell_truncated(struct inquiry *inquiry, const struct origin *origin, int next)
{
    struct recording *r = inquiry->r;
    for (size_t i = 0; i < origin->hop_count; i++) {
        const struct hop *hop = &origin->hops[i];
        if (hop->is_copy && hop->here == hop->from + hop->size - 1 &&
            source_goes_on(r, hop->step, hop->here + 1, next) && tell_length(inquiry, hop->step, 2))
            return true;
    }
    if (origin->kind == ORIGIN_INPUT && strncmp(callee(r, origin->step), "f", 1) != 0 &&
        origin->hop_count > 0) {
        int32_t last = origin->hops[origin->hop_count - 1].step;
        struct origin pointer;
        for (size_t i = 0; i < origin->hop_count; i++)
            if (origin->hops[i].is_copy) {
                origin_of_register(r, origin->hops[i].step, argument_register(1), &pointer);
                last = pointer.step != NOBODY ? pointer.step : origin->hops[i].step;
            }
        while (r->parent[last] != NOBODY && control_of(r, last) == NOBODY)
            last = r->parent[last];
        int32_t control = control_of(r, last);
        return tell(inquiry, TOLD_MADE_BY,
                    inquiry->failure->was_run ? without_shared(r, control) : control,
                    "the last byte came past this condition, no further one did");
    }
    return false;
}

// What was sent is right as far as it goes.
bool rule_truncated(struct inquiry *inquiry, size_t offset, int next)
{
    struct sent sent;
    struct origin origin;
    if (offset == 0 || !origin_of_sent(inquiry->r, offset - 1, &sent, &origin))
        return false;
    const struct recorded_call *call = call_at(inquiry->r, sent.step);
    if (sent.address != 0 && sent.index + 1 == sent.size && call->arguments[2] == sent.size &&
        source_goes_on(inquiry->r, sent.step, sent.address + 1, next) && next >= 0 &&
        memory_writer(inquiry->r, sent.step, sent.address + 1) ==
            memory_writer(inquiry->r, sent.step, sent.address) &&
        tell_length(inquiry, sent.step, 2))
        return true;
    return tell_truncated(inquiry, &origin, next) ||
           tell_origin(inquiry, &origin, "the last byte that is right came from here");
}

bool rule_surplus(struct inquiry *inquiry, size_t offset)
{
    struct sent sent;
    struct origin origin;
    if (!origin_of_sent(inquiry->r, offset, &sent, &origin))
        return false;
    if (sent.index == 0)
        return tell(inquiry, TOLD_MADE_BY, without_helpers(inquiry->r, sent.step),
                    "what should not be there was sent here");
    for (size_t i = 0; i < origin.hop_count; i++) {
        const struct hop *hop = &origin.hops[i];
        if (hop->is_copy && hop->here == hop->from)
            return tell(inquiry, TOLD_MADE_BY, without_helpers(inquiry->r, hop->step),
                        "what should not be there was added here");
        if (hop->is_copy && is_cut(inquiry->r, hop) && tell_length(inquiry, hop->step, 2))
            return true;
    }
    return tell_origin(inquiry, &origin, NULL);
}
