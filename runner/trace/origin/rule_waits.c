// SPDX-License-Identifier: MIT
// Why it waits, and for how long.
#include <string.h>
#include <sys/socket.h>

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

// A moment is the time now, read here or in a function of its own.
static bool is_time(const struct recording *r, const struct origin *origin)
{
    enum { NEAR = 64 };
    int32_t step = origin->kind == ORIGIN_COMPUTED ? origin->step : NOBODY;
    for (int i = 0; i < NEAR && step != NOBODY; i++, step = r->previous[step])
        if (call_at(r, step) != NULL && strstr(callee(r, step), "time") != NULL &&
            r->parent[step] == r->parent[origin->step])
            return true;
    return is_clock(r, origin);
}

// What is added to it. False: it is no sum.
static bool origin_of_addend(const struct recording *r, const struct origin *sum,
                             struct origin *out)
{
    const struct instruction *insn = at(r, sum->step);
    if (sum->kind != ORIGIN_COMPUTED || insn->subtracts || insn->reads_flags)
        return false;
    for (int k = 0; k < REGISTERS; k++) {
        if (!(insn->reads >> k & 1))
            continue;
        origin_of_register(r, sum->step, k, out);
        if (!is_time(r, out) && out->step != NOBODY)
            return true;
    }
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

// Where the time lies that a call sets a limit to; 0: it sets none.
static uint64_t limit_set(const struct recorded_call *call, const char *name)
{
    enum { VALUE = 16 }; // behind the interval
    if (strcmp(name, "timerfd_settime") == 0)
        return call->arguments[2] + VALUE;
    if (strcmp(name, "setitimer") == 0)
        return call->arguments[1] + VALUE;
    if (strcmp(name, "setsockopt") == 0 && (int)call->arguments[1] == SOL_SOCKET &&
        (int)call->arguments[2] == SO_RCVTIMEO)
        return call->arguments[3];
    return 0;
}

// From seconds, or what is less than one, to the number that they were made of, in another
// function than the one that divided it.
static void follow_division(const struct recording *r, struct origin *origin)
{
    enum { PARTS_MOST = 12 };
    const int divides = origin->step == NOBODY ? NOBODY : at(r, origin->step)->function;
    for (int i = 0; i < PARTS_MOST && origin->kind == ORIGIN_COMPUTED &&
                    at(r, origin->step)->function == divides;
         i++) {
        struct origin next, found = {.step = NOBODY};
        for (int k = 0; k < REGISTERS && found.step == NOBODY; k++) {
            if (!(at(r, origin->step)->reads >> k & 1))
                continue;
            origin_of_register(r, origin->step, k, &next);
            if (next.kind != ORIGIN_CONST && next.step < origin->step)
                found = next;
        }
        if (found.step == NOBODY)
            return;
        *origin = found;
    }
}

// The limit stands in a timer, or with the socket.
static bool tell_timer(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        uint64_t address = call == NULL ? 0 : limit_set(call, callee(r, i));
        if (address == 0)
            continue;
        struct origin limit;
        bool known;
        if (number_before(r, i, address, 8, &known) == 0 && known)
            address += 8; // less than a second
        origin_of_byte(r, i, address, &limit);
        follow_division(r, &limit);
        bool is_made = limit.kind == ORIGIN_COMPUTED || limit.kind == ORIGIN_CONST;
        return tell(inquiry, TOLD_MADE_BY,
                    is_made && limit.step != NOBODY ? limit.step : without_helpers(r, i),
                    "how long it waits comes from here");
    }
    return false;
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
        if (inquiry->failure->was_run && (int)call->arguments[2] < 0)
            break;
        follow_limit(r, &limit);
        if (inquiry->failure->was_run && tell_computed_limit(inquiry, &limit))
            return true;
        int32_t made = inquiry->failure->was_run && limit.step != NOBODY
                           ? without_helpers(r, limit.step)
                           : limit.step;
        return made != NOBODY &&
               tell(inquiry, TOLD_MADE_BY, made, "how long it waits comes from here");
    }
    return inquiry->failure->was_run && tell_timer(inquiry);
}

// Another turn of a loop, or the call itself that is the loop's condition.
static bool is_of_loop(const struct recording *r, int32_t jump, int32_t step)
{
    for (int32_t i = r->previous[jump]; i != NOBODY && i != r->parent[jump]; i = r->previous[i])
        if (r->steps[i].ip == r->steps[jump].ip && r->parent[i] == r->parent[jump])
            return true;
    return line_of(r, jump) == line_of(r, step);
}

static bool tell_number_waited_for(struct inquiry *inquiry, int32_t jump)
{
    struct recording *r = inquiry->r;
    struct origin number;
    int32_t compare;
    if (jump == NOBODY || !origin_of_condition(r, jump, &compare, &number) ||
        number.kind != ORIGIN_RESULT || !is_number_reader(callee(r, number.step)) ||
        at(r, number.step)->function == at(r, jump)->function)
        return false;
    return tell(inquiry, TOLD_MADE_BY, without_shared(r, number.step),
                "the program waits for as much as this number says");
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
        // So much as a number said was to come.
        if (tell_number_waited_for(inquiry, jump))
            return true;
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
