// SPDX-License-Identifier: MIT
// How often a program that is run connected and asked.
#include <stdlib.h>
#include <string.h>

#include "trace/origin/inquiry.h"

static bool leads_to_connecting(struct recording *r, int32_t jump)
{
    return other_way_calls(r, jump, &calls_to_connect);
}

bool tell_reuse(struct inquiry *inquiry, int32_t before)
{
    struct recording *r = inquiry->r;
    struct decision decision;
    int32_t jump = last_jump_that(r, before, 0, leads_to_connecting);
    if (jump == NOBODY)
        return false;
    decision_follow(r, jump, 0, &decision);
    return tell(inquiry, TOLD_MADE_BY, without_shared(r, decision.told),
                "no connection was made for this request, for how this came out");
}

// The store that an operand of a comparison was loaded from: a register, or (-1) memory; NOBODY.
static int32_t set_of_operand(const struct recording *r, int32_t compare, int number)
{
    const struct instruction *insn = at(r, compare);
    struct origin origin;
    if (number < 0 ? !insn->loads
                   : !(insn->reads >> number & 1) || number == insn->base || number == insn->index)
        return NOBODY;
    if (number < 0)
        return memory_writer(r, compare, memory_address(r, compare));
    origin_of_register(r, compare, number, &origin);
    return origin.hop_count > 0 && !origin.hops[0].is_copy ? origin.hops[0].step : origin.step;
}

// The condition for which a connection was made, though one was there.
static bool tell_new_connection(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    struct decision decision;
    int32_t step = last_call_to(r, (int32_t)r->step_count, &calls_to_connect);
    for (; step != NOBODY; step = r->parent[step]) {
        int32_t jump = control_of(r, step);
        if (jump == NOBODY || !other_way_also_calls(r, jump, &calls_to_send))
            continue;
        decision_follow(r, jump, 0, &decision);
        int32_t compare = flags_writer(r, decision.jump), kept = NOBODY;
        for (int k = -1; compare != NOBODY && k < REGISTERS; k++) {
            int32_t set = set_of_operand(r, compare, k);
            kept = set > kept ? set : kept;
        }
        bool is_number =
            compare != NOBODY && !(at(r, compare)->tests_zero && at(r, decision.jump)->tests_equal);
        if (kept != NOBODY && at(r, kept)->stores && is_number)
            return tell(
                inquiry, TOLD_MADE_BY, without_shared(r, kept),
                "the condition for which a connection was made asks about what is set here");
        return tell(inquiry, TOLD_MADE_BY, without_shared(r, decision.told),
                    "a connection was made for how this condition came out");
    }
    return false;
}

static bool leads_to_sending(struct recording *r, int32_t jump)
{
    return other_way_calls(r, jump, &calls_to_send) ||
           only_other_way_may_call(r, jump, &calls_to_send);
}

static bool tell_no_request(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    int32_t jump = last_jump_that(r, (int32_t)r->step_count, 0, leads_to_sending);
    while (jump != NOBODY && went_otherwise(r, jump))
        jump = last_jump_that(r, jump, 0, leads_to_sending);
    return tell_decision(inquiry, TOLD_MADE_BY, jump,
                         "the last condition whose other way leads to a further request");
}

static long number_in(const struct bytes *text)
{
    char digits[16] = "";
    if (text->length == 0 || text->length >= sizeof digits)
        return -1;
    memcpy(digits, text->data, text->length);
    return strspn(digits, "0123456789") == text->length ? atol(digits) : -1;
}

bool rule_counted(struct inquiry *inquiry)
{
    const struct failure *failure = inquiry->failure;
    long wanted = number_in(&failure->expected), got = number_in(&failure->actual);
    if (!failure->has_expected || !failure->has_actual || wanted < 0 || got < 0)
        return false;
    if (strstr(failure->message, "connection") != NULL && got > wanted)
        return tell_new_connection(inquiry);
    if (strstr(failure->message, "request") != NULL && got < wanted)
        return tell_no_request(inquiry);
    return false;
}
