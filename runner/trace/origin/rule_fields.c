// SPDX-License-Identifier: MIT
// Fields of the head that are missing, or must not be there.
#include "trace/origin/inquiry.h"

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

// The last store of a value by a function that had ended when the value was used.
static int32_t store_before(const struct recording *r, const struct origin *value, int32_t use)
{
    for (size_t i = 0; i < value->hop_count; i++) {
        int32_t step = value->hops[i].step, parent = use;
        while (parent != NOBODY && r->parent[parent] != r->parent[step])
            parent = r->parent[parent];
        if (parent == NOBODY)
            return without_helpers(r, step);
    }
    return NOBODY;
}

// A field is missing: the latest choice of what the answer is.
bool rule_missing_field(struct inquiry *inquiry, long start, size_t body)
{
    struct recording *r = inquiry->r;
    struct sent sent;
    struct origin origin, pointer;
    int32_t last = NOBODY;
    if (start >= 0 && origin_of_sent(r, (size_t)start + 9, &sent, &origin))
        last = origin.step;
    if (origin_of_sent(r, body, &sent, &origin)) {
        last = later(last, without_helpers(r, origin.step == NOBODY ? last : origin.step));
        for (size_t i = 0; i < origin.hop_count; i++)
            if (origin.hops[i].is_copy) {
                origin_of_register(r, origin.hops[i].step, argument_register(1), &pointer);
                if (pointer.kind == ORIGIN_CONST && pointer.step != NOBODY)
                    last = later(last, pointer.step);
                last = later(last, store_before(r, &pointer, origin.hops[i].step));
                break;
            }
    }
    return tell(inquiry, TOLD_MADE_BY, last,
                "what to answer was chosen here; the field was not added after it");
}

// A field that must not be there: the condition that an own function answered, else any.
bool rule_unwanted_field(struct inquiry *inquiry, size_t offset)
{
    struct recording *r = inquiry->r;
    struct sent sent;
    struct origin origin, pointer;
    if (!origin_of_sent(r, offset, &sent, &origin))
        return false;
    if (origin.kind == ORIGIN_STATIC && origin_of_pointer(r, &origin, &pointer))
        origin = pointer;
    int32_t step = origin.step;
    for (int i = 0; i < 32 && step != NOBODY; i++) {
        int32_t jump = control_of(r, step);
        if (jump == NOBODY) {
            step = r->parent[step];
            continue;
        }
        struct origin asked;
        int32_t compare;
        if (origin_of_condition(r, jump, &compare, &asked) && asked.step != NOBODY &&
            asked.kind == ORIGIN_COMPUTED && r->parent[asked.step] != r->parent[jump] &&
            r->parent[asked.step] > r->parent[jump])
            return tell(inquiry, TOLD_MADE_BY, asked.step,
                        "whether the field is sent hangs on what is computed here");
        step = jump;
    }
    return tell(inquiry, TOLD_MADE_BY, origin.step, NULL);
}
