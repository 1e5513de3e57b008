// SPDX-License-Identifier: MIT
// Why it waits, and for how long.
#include <string.h>

#include "trace/origin/inquiry.h"

// A time limit that is not the one that was asked for: where it was made.
bool rule_time_limit(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || call->has_returned || strcmp(callee(r, i), "poll") != 0)
            continue;
        struct origin limit;
        origin_of_register(r, i, argument_register(2), &limit);
        // What is left until a moment: the moment was made earlier.
        for (int k = 0; k < 4 && limit.kind == ORIGIN_COMPUTED && at(r, limit.step)->subtracts &&
                        at(r, limit.step)->destination >= 0;
             k++) {
            struct origin next;
            origin_of_register(r, limit.step, at(r, limit.step)->destination, &next);
            limit = next;
        }
        int32_t made = inquiry->failure->was_run && limit.step != NOBODY
                           ? without_helpers(r, limit.step)
                           : limit.step;
        return made != NOBODY &&
               tell(inquiry, TOLD_MADE_BY, made, "how long it waits comes from here");
    }
    return false;
}

// It waits for more: what made it think so?
bool rule_waits(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    int32_t waits = NOBODY;
    for (int32_t i = 0; i < (int32_t)r->step_count; i++)
        if (call_at(r, i) != NULL && !call_at(r, i)->has_returned &&
            strcmp(callee(r, i), "accept") != 0)
            waits = i;
    if (waits == NOBODY)
        return false;
    int32_t jump = control_above(r, waits);
    struct origin origin;
    int32_t compare;
    if (jump != NOBODY && origin_of_condition(r, jump, &compare, &origin)) {
        int32_t store = origin.hop_count > 0 ? origin.hops[0].step : origin.step;
        if (store != NOBODY && r->parent[store] != r->parent[jump])
            return tell(inquiry, TOLD_MADE_BY, store,
                        "the condition that made it wait asks about what is set here");
    }
    return tell(inquiry, TOLD_MADE_BY, without_helpers(r, waits),
                "the program was waiting in this call");
}
