// SPDX-License-Identifier: MIT
/*
 * Bytes that came in and have to go out again, and did not: how the first of them was passed over.
 * A call that sends may have ended before it, because it was asked for no more, or because it took
 * a part only; or it went to somebody else; or nobody ever sent it.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/origin/inquiry.h"

enum { LOADS_MOST = 16, DEEP = 8 };

// ---------------------------------------------------------------- how much was to be sent

// A difference ends where its first number says.
static void follow_difference(const struct recording *r, struct origin *origin)
{
    for (int i = 0; i < DEEP && origin->kind == ORIGIN_COMPUTED; i++) {
        const struct instruction *insn = at(r, origin->step);
        struct origin next;
        if (!insn->subtracts || insn->destination < 0 || insn->has_immediate)
            return;
        origin_of_register(r, origin->step, insn->destination, &next);
        if (next.step == NOBODY)
            return;
        *origin = next;
    }
}

static bool tell_end(struct inquiry *inquiry, int32_t step)
{
    struct recording *r = inquiry->r;
    struct origin length;
    origin_of_register(r, step, argument_register(2), &length);
    follow_difference(r, &length);
    return length.step != NOBODY &&
           tell(inquiry, TOLD_MADE_BY, length.step,
                "how much was sent comes from here: the first byte that did not come back was read "
                "with the others, and is behind that");
}

// ---------------------------------------------------------------- a part was sent

struct loads {
    uint64_t addresses[LOADS_MOST];
    size_t count;
};

// The variables from which a register was computed.
static void gather_loads(const struct recording *r, int32_t step, int number, int depth,
                         struct loads *out)
{
    int32_t writer = register_writer(r, step, number);
    if (writer == NOBODY || depth > DEEP || r->steps[writer].call != 0)
        return;
    const struct instruction *insn = at(r, writer);
    if (insn->loads && out->count < LOADS_MOST)
        out->addresses[out->count++] = memory_address(r, writer);
    for (int i = 0; i < REGISTERS; i++)
        if (insn->reads >> i & 1 && i != REGISTER_BP && i != REGISTER_SP)
            gather_loads(r, writer, i, depth + 1, out);
}

static bool is_input(const char *name)
{
    return strncmp(name, "recv", 4) == 0 || strcmp(name, "read") == 0;
}

// The call took a part of what it was given: where it was set what comes next.
static bool tell_part(struct inquiry *inquiry, int32_t step)
{
    const struct recording *r = inquiry->r;
    struct loads loads = {.count = 0};
    gather_loads(r, step, argument_register(1), 0, &loads);
    gather_loads(r, step, argument_register(2), 0, &loads);
    for (int32_t i = r->next[step]; i != NOBODY && !is_input(callee(r, i)); i = r->next[i]) {
        const struct instruction *insn = at(r, i);
        for (size_t k = 0; insn->stores && insn->operation != OP_CALL && k < loads.count; k++)
            if (memory_address(r, i) == loads.addresses[k])
                return tell(inquiry, TOLD_MADE_BY, i,
                            "send() had taken a part only, and what is sent next was set here");
    }
    return tell(inquiry, TOLD_MADE_BY, step, "this call took a part only, and none sent the rest");
}

// ---------------------------------------------------------------- the whole

int32_t reader_of(const struct recording *r, size_t offset)
{
    uint64_t received = r->code.received;
    for (int32_t i = (int32_t)r->code.before; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || !is_input(callee(r, i)) ||
            (int64_t)(int)call->arguments[0] != r->code.descriptor || (int64_t)call->result <= 0)
            continue;
        bool peeks = callee(r, i)[2] == 'c' && call->arguments[3] & 2; // MSG_PEEK
        if (!peeks && offset < received + call->result)
            return i;
        received += peeks ? 0 : call->result;
    }
    return NOBODY;
}

bool was_read(const struct inquiry *inquiry)
{
    return inquiry->failure->suspect >= 0 &&
           reader_of(inquiry->r, (size_t)inquiry->failure->suspect) != NOBODY;
}

// ---------------------------------------------------------------- nothing was sent

// Of what a comparison asked about, what was made last, behind a step; NOBODY.
static int32_t made_behind(const struct recording *r, int32_t compare, int32_t step)
{
    const struct instruction *insn = at(r, compare);
    int32_t last = NOBODY;
    struct origin origin;
    for (int i = 0; i < REGISTERS; i++) {
        if (!(insn->reads >> i & 1) || i == insn->base || i == insn->index)
            continue;
        origin_of_register(r, compare, i, &origin);
        last = origin.step > last ? origin.step : last;
    }
    if (insn->loads) {
        origin_of_byte(r, compare, memory_address(r, compare), &origin);
        last = origin.step > last ? origin.step : last;
    }
    return last > step ? last : NOBODY;
}

// The byte was read at this step, and no call that sends was given it: the first condition behind
// it whose other way leads to one.
static bool tell_unsent(struct inquiry *inquiry, int32_t reader)
{
    static const char *const names[] = {"send", "write", "sendto", "writev", "sendmsg"};
    static const struct wanted_call sends = {names, sizeof names / sizeof *names};
    struct recording *r = inquiry->r;
    for (int32_t i = r->next[reader]; i != NOBODY && !is_wait(callee(r, i)); i = r->next[i]) {
        if (at(r, i)->operation != OP_JUMP || !other_way_calls(r, i, &sends))
            continue;
        int32_t compare = flags_writer(r, i);
        int32_t made = compare != NOBODY ? made_behind(r, compare, reader) : NOBODY;
        return tell(inquiry, TOLD_MADE_BY, made,
                    "the condition that kept what was read from being sent asks about this") ||
               tell(inquiry, TOLD_MADE_BY, i,
                    "what was read was not sent for how this condition came out");
    }
    return false;
}

bool rule_unsent(struct inquiry *inquiry)
{
    return was_read(inquiry) && !asks_by_http(inquiry->failure) &&
           tell_unsent(inquiry, reader_of(inquiry->r, (size_t)inquiry->failure->suspect));
}

bool rule_lost(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    const struct failure *failure = inquiry->failure;
    struct passage *passages;
    if (!was_read(inquiry))
        return false;
    size_t count = passages_of(r, (int)r->code.descriptor, r->code.received,
                               (size_t)failure->suspect, &passages);
    struct passage last = {.step = NOBODY};
    for (size_t i = 0; i < count; i++)
        last = passages[i];
    free(passages);
    if (last.step == NOBODY) // a look at the byte says more, where there was one
        return failure->offset >= 0 &&
               (tell_last_look(inquiry, NOBODY, false, false) ||
                tell_unsent(inquiry, reader_of(r, (size_t)failure->suspect)));
    switch (last.kind) {
    case PASSED_OTHERS:
        return tell(inquiry, TOLD_MADE_BY, last.step,
                    "the first byte that did not come back was sent to somebody else here");
    case PASSED_END:
        return tell_end(inquiry, last.step);
    case PASSED_PART:
        if (strcmp(failure->state, "stuck") == 0 && rule_not_polled(inquiry))
            return true;
        return tell_part(inquiry, last.step);
    case PASSED_WHOLE:
        break;
    }
    return false;
}
