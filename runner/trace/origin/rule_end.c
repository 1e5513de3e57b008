// SPDX-License-Identifier: MIT
// How it ended: a connection closed, or a crash.
#include <string.h>

#include "trace/origin/inquiry.h"

bool rule_closed(struct inquiry *inquiry, bool cut_short)
{
    struct recording *r = inquiry->r;
    int32_t closed = NOBODY, sent = NOBODY;
    for (int32_t i = 0; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || (int64_t)(int)call->arguments[0] != r->code.descriptor)
            continue;
        const char *name = callee(r, i);
        if (closed == NOBODY && (strcmp(name, "close") == 0 || strcmp(name, "shutdown") == 0))
            closed = i;
        if (strncmp(name, "send", 4) == 0 || strncmp(name, "write", 5) == 0)
            sent = i;
    }
    if (cut_short && sent != NOBODY) {
        // What did the function say that sent last?
        for (int32_t i = r->next[sent]; i != NOBODY; i = r->next[i]) {
            struct origin said;
            if (at(r, i)->operation != OP_RETURN || r->parent[i] != r->parent[sent])
                continue;
            origin_of_register(r, i, REGISTER_A, &said);
            if (said.step > sent && tell(inquiry, TOLD_MADE_BY, said.step,
                                         "the function that sent last returned what was made here"))
                return true;
            break;
        }
        return tell(inquiry, TOLD_MADE_BY, sent, "no call sent anything after this one");
    }
    if (closed == NOBODY)
        return false;
    int32_t step = closed;
    while (control_of(r, step) == NOBODY && r->parent[step] != NOBODY)
        step = r->parent[step];
    int32_t control = control_of(r, step);
    return tell(inquiry, TOLD_CLOSED_BY, control != NOBODY && step == closed ? control : step,
                "it was closed here");
}

// A pointer that leads nowhere: where it came from.
bool rule_crash(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    int32_t last = (int32_t)r->step_count - 1;
    struct origin origin;
    for (int32_t i = last; i >= 0 && i > last - 64; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || call->has_returned)
            continue;
        for (int k = 0; k < 3; k++) {
            if (call->arguments[k] >= 4096)
                continue;
            origin_of_register(r, i, argument_register(k), &origin);
            if (origin.step != NOBODY && origin.kind != ORIGIN_CONST)
                return tell(inquiry, TOLD_MADE_BY, without_helpers(r, origin.step),
                            "the address that leads nowhere comes from here");
        }
    }
    const struct instruction *insn = at(r, last);
    if ((insn->loads || insn->stores) && insn->base >= 0 && insn->base != REGISTER_BP) {
        origin_of_register(r, last, insn->base, &origin);
        return tell(inquiry, TOLD_MADE_BY, origin.step,
                    "the address that leads nowhere comes from here");
    }
    return false;
}
