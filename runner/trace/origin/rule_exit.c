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

// It gave up and should not have: the condition, or that of the function which said no.
static bool tell_why_given_up(struct inquiry *inquiry, int32_t end)
{
    struct recording *r = inquiry->r;
    int32_t jump = control_above(r, end);
    for (int depth = 0; depth < 6 && jump != NOBODY; depth++) {
        struct origin origin;
        int32_t compare;
        if (!origin_of_condition(r, jump, &compare, &origin) || origin.kind != ORIGIN_CONST ||
            origin.step == NOBODY || origin.number > 1)
            break;
        int32_t call = r->parent[origin.step];
        bool from_call =
            call != NOBODY && call > r->parent[jump] && r->parent[call] == r->parent[jump];
        int32_t inner = from_call ? control_of(r, origin.step) : NOBODY;
        if (inner == NOBODY)
            break;
        jump = inner;
    }
    return tell(inquiry, TOLD_MADE_BY, jump, "the program gave up for how this condition came out");
}

bool rule_exit(struct inquiry *inquiry)
{
    const struct failure *failure = inquiry->failure;
    int got = status_of(&failure->actual), wanted = status_of(&failure->expected);
    if (got < 0 || wanted < 0)
        return false;
    int32_t end = end_of(inquiry->r);
    if (got != 0 && end != NOBODY && (wanted == 0 || failure->suspect < 0))
        return tell_why_given_up(inquiry, end);
    if (tell_last_look(inquiry, end, false, true))
        return true;
    if (got == 0 && tell(inquiry, TOLD_MADE_BY,
                         last_gate(inquiry->r, (int32_t)inquiry->r->step_count, &wanted, 1),
                         "the last condition whose other way out leads to the expected status"))
        return true;
    return end != NOBODY && tell_why_given_up(inquiry, end);
}
