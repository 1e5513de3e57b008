// SPDX-License-Identifier: MIT
// A program that is run ended with another exit status than the expected one.
#include <stdlib.h>
#include <string.h>

#include "trace/origin/inquiry.h"

static const char status_text[] = "exit status ";

static int status_of(const struct bytes *text)
{
    char digits[16] = "";
    size_t skip = sizeof status_text - 1;
    if (text->length <= skip || text->length - skip >= sizeof digits ||
        memcmp(text->data, status_text, skip) != 0)
        return -1;
    memcpy(digits, text->data + skip, text->length - skip);
    return atoi(digits);
}

// The call that did not come back because the program ended in it; NOBODY: main() returned.
static int32_t end_of(struct recording *r)
{
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call != NULL && !call->has_returned && strstr(callee(r, i), "exit") != NULL)
            return i;
    }
    return NOBODY;
}

// It gave up and should not have: the condition, or that of the function which said no, or what was
// set for it elsewhere.
static bool tell_why_given_up(struct inquiry *inquiry, int32_t end)
{
    struct recording *r = inquiry->r;
    int32_t jump = control_above(r, end);
    for (int depth = 0; depth < 6 && jump != NOBODY; depth++) {
        struct origin origin;
        int32_t compare;
        if (!origin_of_condition(r, jump, &compare, &origin))
            break;
        // A copy on the way is nearer to the condition than what was copied.
        int32_t set = origin.hop_count > 0 ? origin.hops[0].step : origin.step;
        if (set == NOBODY || r->parent[set] == r->parent[jump])
            break;
        int32_t call = r->parent[set];
        bool from_call = call != NOBODY && call > r->parent[jump] &&
                         r->parent[call] == r->parent[jump] && origin.kind == ORIGIN_CONST &&
                         origin.number <= 1;
        int32_t inner = from_call ? control_of(r, set) : NOBODY;
        if (inner == NOBODY)
            return tell(inquiry, TOLD_MADE_BY, set,
                        "the condition under which it gave up asks about what is set here");
        jump = inner;
    }
    return tell(inquiry, TOLD_MADE_BY, jump, "the program gave up for how this condition came out");
}

// What a function that is called from several places asks, it asks for others.
static bool leads_to(struct inquiry *inquiry, int32_t jump, int wanted)
{
    return at(inquiry->r, jump)->operation == OP_JUMP &&
           without_helpers(inquiry->r, jump) == jump && other_way_has(inquiry->r, jump, &wanted, 1);
}

// The last condition that depended on the marked bytes and has the expected status on its other
// way.
static int32_t gate_of_suspect(struct inquiry *inquiry, int wanted)
{
    const struct failure *failure = inquiry->failure;
    struct look *looks;
    int32_t gate = NOBODY;
    if (failure->suspect < 0)
        return NOBODY;
    size_t count = looks_at(inquiry->r, (int)inquiry->r->code.descriptor, inquiry->r->code.received,
                            (size_t)failure->suspect, (size_t)failure->suspect_length, &looks);
    for (size_t i = 0; i < count; i++)
        if (leads_to(inquiry, looks[i].step, wanted))
            gate = looks[i].step;
    free(looks);
    return gate;
}

static int32_t gate(struct inquiry *inquiry, int wanted)
{
    for (int32_t i = (int32_t)inquiry->r->step_count - 1; i >= 0; i--)
        if (leads_to(inquiry, i, wanted))
            return i;
    return NOBODY;
}

bool rule_exit(struct inquiry *inquiry)
{
    static const char gate_note[] =
        "the last condition whose other way out leads to the expected status";
    const struct failure *failure = inquiry->failure;
    int got = status_of(&failure->actual), wanted = status_of(&failure->expected);
    if (got < 0 || wanted < 0)
        return false;
    int32_t end = end_of(inquiry->r);
    if (got != 0 && end != NOBODY && (wanted == 0 || failure->suspect < 0))
        return tell_why_given_up(inquiry, end);
    if (tell(inquiry, TOLD_MADE_BY, gate_of_suspect(inquiry, wanted), gate_note) ||
        tell_last_look(inquiry, end, false, true))
        return true;
    if (got == 0 && tell(inquiry, TOLD_MADE_BY, gate(inquiry, wanted), gate_note))
        return true;
    return end != NOBODY && tell_why_given_up(inquiry, end);
}
