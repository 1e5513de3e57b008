// SPDX-License-Identifier: MIT
// Why it waits, and for how long.
#include <string.h>

#include "trace/origin/inquiry.h"

// What is left until a moment: the moment was made earlier.
static void follow_limit(const struct recording *r, struct origin *limit)
{
    for (int k = 0; k < 4 && limit->kind == ORIGIN_COMPUTED && at(r, limit->step)->subtracts &&
                    at(r, limit->step)->destination >= 0;
         k++) {
        struct origin next;
        origin_of_register(r, limit->step, at(r, limit->step)->destination, &next);
        *limit = next;
    }
}

static bool is_clock(const struct recording *r, const struct origin *origin)
{
    return origin->step != NOBODY && call_at(r, origin->step) != NULL &&
           strstr(callee(r, origin->step), "time") != NULL;
}

// A moment is the time now and something more: what is added. False: it is no sum.
static bool origin_of_addend(const struct recording *r, const struct origin *sum,
                             struct origin *out)
{
    const struct instruction *insn = at(r, sum->step);
    int32_t clock = NOBODY;
    if (sum->kind != ORIGIN_COMPUTED || insn->subtracts || insn->reads_flags)
        return false;
    for (int k = 0; k < REGISTERS; k++) {
        if (!(insn->reads >> k & 1))
            continue;
        origin_of_register(r, sum->step, k, out);
        // The time comes from where the clock was read, in a function of its own perhaps.
        bool is_time = is_clock(r, out);
        for (int32_t i = out->kind == ORIGIN_COMPUTED ? out->step : NOBODY, n = 0;
             i != NOBODY && n < 64 && !is_time; i = r->previous[i], n++)
            is_time = call_at(r, i) != NULL && strstr(callee(r, i), "time") != NULL &&
                      r->parent[i] == r->parent[out->step];
        if (is_time)
            clock = k;
        else if (out->step != NOBODY)
            return true;
    }
    (void)clock;
    return false;
}

// The limit was computed, or is a number that stands in the program, not what it was given.
static bool tell_computed_limit(struct inquiry *inquiry, const struct origin *limit)
{
    struct origin addend;
    if (limit->step == NOBODY || !origin_of_addend(inquiry->r, limit, &addend) ||
        (addend.kind != ORIGIN_COMPUTED && addend.kind != ORIGIN_CONST))
        return false;
    return tell(inquiry, TOLD_MADE_BY, addend.step, "how long it waits comes from here");
}

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
        follow_limit(r, &limit);
        if (inquiry->failure->was_run && tell_computed_limit(inquiry, &limit))
            return true;
        int32_t made = inquiry->failure->was_run && limit.step != NOBODY
                           ? without_helpers(r, limit.step)
                           : limit.step;
        return made != NOBODY &&
               tell(inquiry, TOLD_MADE_BY, made, "how long it waits comes from here");
    }
    return false;
}

// Another turn of a loop, or the call itself that is the loop's condition.
static bool is_of_loop(const struct recording *r, int32_t jump, int32_t step)
{
    for (int32_t i = r->previous[jump]; i != NOBODY && i != r->parent[jump]; i = r->previous[i])
        if (r->steps[i].ip == r->steps[jump].ip && r->parent[i] == r->parent[jump])
            return true;
    return line_of(r, jump) == line_of(r, step);
}

// The condition for which a client came to the loop in which it waits. That it reads on until it
// has all is as it should be.
static bool tell_way_to_wait(struct inquiry *inquiry, int32_t waits)
{
    struct recording *r = inquiry->r;
    // Whoever called the first function that is left was forgotten.
    if (r->code.forgotten > 0)
        return false;
    for (int32_t step = without_helpers(r, without_shared(r, waits)); step != NOBODY;
         step = r->parent[step]) {
        int32_t jump = control_of(r, step);
        // A loop's: it leads back here.
        while (jump != NOBODY && is_of_loop(r, jump, step))
            jump = control_of(r, jump);
        if (jump != NOBODY)
            return tell(inquiry, TOLD_MADE_BY, jump,
                        "the program came to where it waits for how this condition came out");
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
    if (inquiry->failure->was_run && tell_way_to_wait(inquiry, waits))
        return true;
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
