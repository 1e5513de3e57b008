// SPDX-License-Identifier: MIT
// A wrong status: why the request was refused, or why it was not.
#include <string.h>

#include "trace/origin/inquiry.h"

// Does the other way of a jump lead back to the call that read, in its function or in one around
// it?
static bool leads_back(struct recording *r, int32_t jump, int32_t read)
{
    while (read != NOBODY && r->parent[read] != r->parent[jump])
        read = r->parent[read];
    return read != NOBODY && other_way_reaches(r, jump, r->steps[read].ip);
}

// Does a jump ask whether the call failed? Trying again then is no reading on.
static bool asks_for_failure(const struct recording *r, int32_t jump, int32_t read)
{
    struct origin origin;
    int32_t compare;
    return origin_of_condition(r, jump, &compare, &origin) && origin.kind == ORIGIN_RESULT &&
           origin.step == read && at(r, compare)->tests_zero;
}

// It was answered before its head had been read to the end: what ended the reading?
static bool tell_half_read(struct inquiry *inquiry, int32_t answer)
{
    struct recording *r = inquiry->r;
    const struct bytes *request = &inquiry->failure->request;
    uint64_t received = 0;
    int32_t last = NOBODY, gate = NOBODY;
    if (r->code.received > 0 || r->code.sent > 0)
        return false; // another request came before it
    for (int32_t i = (int32_t)r->code.before; i < answer; i++) {
        const struct recorded_call *call = call_at(r, i);
        bool is_read = strncmp(callee(r, i), "recv", 4) == 0 || strcmp(callee(r, i), "read") == 0;
        if (!is_read || (int64_t)(int)call->arguments[0] != r->code.descriptor)
            continue;
        received += (int64_t)call->result > 0 ? call->result : 0;
        last = i;
    }
    if (last == NOBODY || received >= request->length ||
        memmem(request->data, received, "\r\n\r\n", 4) != NULL)
        return false;
    for (int32_t i = r->next[last]; i != NOBODY && i < answer; i = r->next[i])
        if (at(r, i)->operation == OP_JUMP && leads_back(r, i, last) &&
            !asks_for_failure(r, i, last))
            gate = i;
    return tell(inquiry, TOLD_MADE_BY, gate,
                "the last condition whose other way leads to reading on; the end of the request's "
                "head had not come");
}

// Why a request was refused that should not be: the condition, or what was made for it.
static bool tell_refusal(struct inquiry *inquiry, int32_t jump)
{
    struct recording *r = inquiry->r;
    for (int depth = 0; depth < 6 && jump != NOBODY; depth++) {
        struct origin origin;
        int32_t compare;
        if (!origin_of_condition(r, jump, &compare, &origin))
            break;
        struct origin counted = origin;
        origin_of_count(r, &counted);
        if (counted.kind == ORIGIN_CONST && counted.step != origin.step && counted.number > 256)
            return tell_number(inquiry, &counted,
                               "the request was refused when a count that begins here had run out");
        bool elsewhere = origin.step != NOBODY && r->parent[origin.step] != r->parent[jump] &&
                         r->parent[origin.step] != NOBODY && origin.step > r->parent[origin.step];
        bool said_no = origin.kind == ORIGIN_CONST && (origin.number == 0 || origin.number == 1);
        bool from_call = elsewhere && said_no &&
                         r->parent[r->parent[origin.step]] == r->parent[jump] &&
                         r->parent[origin.step] > r->parent[jump];
        if (from_call) {
            int32_t inner = control_of(r, origin.step);
            if (inner == NOBODY)
                return tell(inquiry, TOLD_MADE_BY, origin.step,
                            "the request was refused for the value that is returned here");
            jump = inner;
            continue;
        }
        int32_t store = set_for(r, jump);
        if (store != NOBODY)
            return tell(inquiry, TOLD_MADE_BY, store,
                        "the condition that refused the request asks about what is set here");
        break;
    }
    return tell(inquiry, TOLD_MADE_BY, jump,
                "the request was refused for how this condition came out");
}

static bool tell_not_refused(struct inquiry *inquiry, int32_t made, const int *numbers,
                             size_t count)
{
    int32_t jump = control_above(inquiry->r, made);
    if (jump != NOBODY && other_way_has(inquiry->r, jump, numbers, count))
        return tell(inquiry, TOLD_MADE_BY, jump,
                    "the expected status is on the other way out of this condition");
    if (jump != NOBODY && asks_about_suspect(inquiry, jump))
        return tell(inquiry, TOLD_MADE_BY, made, "the status of the answer comes from here");
    bool any_404 = false;
    for (size_t i = 0; i < count; i++)
        any_404 = any_404 || numbers[i] == 404;
    if (inquiry->failure->suspect >= 0 && tell_last_look(inquiry, made, any_404, true))
        return true;
    if (inquiry->failure->suspect < 0 &&
        tell(inquiry, TOLD_MADE_BY, last_gate(inquiry->r, made, numbers, count),
             "the last condition whose other way out leads to the expected status"))
        return true;
    return tell(inquiry, TOLD_MADE_BY, made, "the status of the answer comes from here");
}

bool rule_status(struct inquiry *inquiry, long start, int got, const int *numbers, size_t count)
{
    struct sent sent;
    struct origin origin;
    if (start < 0 || !origin_of_sent(inquiry->r, (size_t)start + 9, &sent, &origin))
        return false;
    struct origin made = origin;
    for (int i = 0; i < 3 && made.kind == ORIGIN_STATIC; i++) {
        struct origin next;
        if (!origin_of_pointer(inquiry->r, &made, &next))
            break;
        made = next;
    }
    if (made.step == NOBODY)
        return tell_origin(inquiry, &origin, "the status of the answer comes from here");
    int32_t decided = latest_control(inquiry->r, &made);
    bool refusal_expected = count > 0;
    for (size_t i = 0; i < count; i++)
        refusal_expected = refusal_expected && numbers[i] >= 400;
    if (got >= 400 && !refusal_expected)
        return tell_half_read(inquiry, sent.step) || tell_refusal(inquiry, decided);
    if (got < 400 && refusal_expected)
        return tell_not_refused(inquiry, made.step, numbers, count);
    return tell(inquiry, TOLD_MADE_BY, made.step, "the status of the answer comes from here");
}
