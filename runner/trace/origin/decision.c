// SPDX-License-Identifier: MIT
/*
 * Why the program went one way: from a condition to where its answer was found out. A condition may
 * ask what a function returned, or what was stored before; what is told is the place where that was
 * made of something that is no answer itself: a number, a byte, the result of a system call.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/origin/inquiry.h"

enum { CHAIN_MOST = 12, TURNS_MOST = 16, NEAR = 64 };

static bool is_answer(int64_t number)
{
    return number == 0 || number == 1;
}

// It turned an answer round, or made one of another: no, and, or; or a comparison with 0.
static bool is_handing_on(const struct recording *r, int32_t step, struct origin *asked)
{
    const struct instruction *insn = at(r, step);
    if (insn->is_logic && insn->has_immediate && (insn->immediate & 0xff) == 1) {
        if (insn->stores)
            origin_of_byte(r, step, memory_address(r, step), asked);
        else
            origin_of_register(r, step, insn->destination, asked);
        return true;
    }
    if (!insn->reads_flags || !insn->tests_equal)
        return false;
    int32_t compare;
    if (!origin_of_condition(r, step, &compare, asked) || !at(r, compare)->tests_zero)
        return false;
    if (asked->kind == ORIGIN_CONST)
        return is_answer(asked->number);
    struct origin inner;
    const struct instruction *maker = asked->step == NOBODY ? NULL : at(r, asked->step);
    return asked->kind == ORIGIN_COMPUTED && maker != NULL &&
           ((maker->reads_flags && maker->operation == OP_COMPUTE) ||
            is_handing_on(r, asked->step, &inner));
}

void origin_of_answer(const struct recording *r, struct origin *origin)
{
    struct origin asked;
    for (int i = 0; i < TURNS_MOST && origin->kind == ORIGIN_COMPUTED; i++) {
        if (!is_handing_on(r, origin->step, &asked))
            return;
        *origin = asked;
    }
}

// A function that is an expression with a name: what it found out is its caller's question.
static bool is_expression(const struct recording *r, int32_t step)
{
    enum { LINES_MOST = 3 };
    int number = at(r, step)->function, lines = 0, last = 0;
    if (number == NOBODY)
        return false;
    const struct function *function = &r->functions[number];
    for (uint64_t i = function->start; i < function->end && lines <= LINES_MOST; i++) {
        const struct instruction *insn = decoded_at(r, i);
        lines += insn != NULL && insn->line != last;
        last = insn != NULL ? insn->line : last;
    }
    return function->call_sites > 1 && lines <= LINES_MOST;
}

static int32_t without_expressions(const struct recording *r, int32_t step)
{
    while (is_expression(r, step) && r->parent[step] != NOBODY)
        step = r->parent[step];
    return step;
}

// A store that is still there when `later` is executed: no variable of a function that has ended.
static bool is_kept(const struct recording *r, int32_t store, int32_t later)
{
    const struct instruction *insn = at(r, store);
    if (!insn->stores)
        return false;
    uint64_t above = memory_address(r, store) - r->steps[later].registers[REGISTER_SP];
    return r->steps[store].thread != r->steps[later].thread || above < UINT64_MAX / 2 ||
           is_static(r, memory_address(r, store));
}

// The latest store that kept the answer for a condition, and did not hand it on within the same
// few functions alone: it was made before `since`.
static int32_t kept_before(const struct recording *r, const struct origin *origin, int32_t jump,
                           int32_t since)
{
    for (size_t i = 0; i < origin->hop_count; i++) {
        int32_t store = origin->hops[i].step;
        if (!origin->hops[i].is_copy && store < since && r->steps[store].call == 0 &&
            is_kept(r, store, jump))
            return store;
    }
    bool stored = origin->step != NOBODY && origin->step < since && is_kept(r, origin->step, jump);
    return stored ? origin->step : NOBODY;
}

static void follow(struct recording *r, int32_t jump, int32_t since, struct decision *out)
{
    *out = (struct decision){.told = jump, .jump = jump, .kept = NOBODY};
    for (int i = 0; i < CHAIN_MOST; i++) {
        struct origin origin;
        int32_t compare;
        if (!origin_of_condition(r, out->jump, &compare, &origin))
            return;
        const struct instruction *asked = at(r, compare);
        bool is_sign = asked->has_immediate && at(r, out->jump)->tests_equal &&
                       origin.kind == ORIGIN_CONST && origin.step != NOBODY &&
                       !is_kept(r, origin.step, out->jump); // what a function said: -1
        if (!is_sign && (!asked->tests_zero || !at(r, out->jump)->tests_equal)) {
            out->has_number = asked->has_immediate; // numbers were compared
            out->number = asked->immediate;
            return;
        }
        int32_t kept = kept_before(r, &origin, out->jump, since);
        out->kept = out->kept == NOBODY ? kept : out->kept;
        origin_of_answer(r, &origin);
        if (origin.step == NOBODY)
            return; // from before the recording
        if (origin.kind == ORIGIN_COMPUTED) {
            // A number that was computed answers nothing before it is compared.
            if (at(r, origin.step)->reads_flags)
                out->told = without_expressions(r, origin.step);
            return;
        }
        if (origin.kind != ORIGIN_CONST || (!is_sign && !is_answer(origin.number)))
            return; // what the system answered
        int32_t inner = control_of(r, origin.step);
        bool returned = !is_kept(r, origin.step, out->jump);
        if (returned && inner != NOBODY && inner < out->jump) {
            out->told = out->jump = inner;
            continue;
        }
        out->told = origin.step;
        return;
    }
}

// The last step of this thread before a jump that waited; 0: none.
static int32_t last_wait(const struct recording *r, int32_t jump)
{
    for (int32_t i = r->previous[jump]; i != NOBODY; i = r->previous[i])
        if (is_wait(callee(r, i)))
            return i;
    return 0;
}

// A line may ask several things, and the last of them be answered by the line itself. Another one,
// before it, whose answer was found out elsewhere since the program woke.
static void ask_whole_line(struct recording *r, int32_t jump, int32_t since, struct decision *out)
{
    int32_t woke = last_wait(r, jump);
    for (int32_t i = r->previous[jump]; i != NOBODY && i != r->parent[jump]; i = r->previous[i]) {
        struct decision other;
        if (r->parent[i] != r->parent[jump])
            continue;
        if (line_of(r, i) != line_of(r, jump))
            return;
        if (at(r, i)->operation != OP_JUMP)
            continue;
        follow(r, i, since, &other);
        if (other.told > woke && line_of(r, other.told) != line_of(r, jump)) {
            *out = other;
            return;
        }
    }
}

void decision_follow_one(struct recording *r, int32_t jump, int32_t since, struct decision *out)
{
    follow(r, jump, since, out);
}

void decision_follow(struct recording *r, int32_t jump, int32_t since, struct decision *out)
{
    follow(r, jump, since, out);
    if (line_of(r, out->told) == line_of(r, out->jump))
        ask_whole_line(r, out->jump, since, out);
}

bool tell_decision(struct inquiry *inquiry, enum told_kind kind, int32_t jump, const char *note)
{
    struct decision decision;
    if (jump == NOBODY)
        return false;
    decision_follow(inquiry->r, jump, 0, &decision);
    return tell(inquiry, kind, decision.told, note);
}

// ---------------------------------------------------------------- above a step

// Something was waited for between this time that it was asked and the one before: the loop is one
// of those in which a server spends its life.
static bool has_waited(struct recording *r, int32_t jump)
{
    for (int32_t i = r->previous[jump]; i != NOBODY && i != r->parent[jump]; i = r->previous[i]) {
        if (r->steps[i].ip == r->steps[jump].ip && r->parent[i] == r->parent[jump])
            return false;
        if (is_wait(callee(r, i)))
            return true;
    }
    return false;
}

int32_t reason_of(struct recording *r, int32_t step)
{
    int32_t control = control_of(r, step), left = loop_exit_of(r, step, has_waited);
    return control > left ? control : left;
}

int32_t reason_above(struct recording *r, int32_t step)
{
    for (; step != NOBODY; step = r->parent[step]) {
        int32_t reason = reason_of(r, step);
        if (reason != NOBODY)
            return reason;
    }
    return NOBODY;
}

// ---------------------------------------------------------------- a limit

// The name of a number that was compared with: gcc makes x < 16 to x <= 15.
bool tell_limit(struct inquiry *inquiry, const struct decision *decision, const char *note)
{
    if (!tell(inquiry, TOLD_MADE_BY, decision->told, note))
        return false;
    if (!decision->has_number || decision->number < 2)
        return true;
    const char *name = name_of_number(inquiry->r, decision->number + 1);
    inquiry->out->name = name != NULL ? name : name_of_number(inquiry->r, decision->number);
    inquiry->out->name_on_line = true;
    return true;
}

// The last call out of the learner's code before a jump, on which the condition hangs: it failed.
int32_t failed_call_before(const struct recording *r, int32_t jump)
{
    int32_t step = r->previous[jump];
    for (int i = 0; i < NEAR && step != NOBODY; i++, step = r->previous[step]) {
        const struct recorded_call *call = call_at(r, step);
        if (call == NULL || strcmp(callee(r, step), "__errno_location") == 0)
            continue;
        return call->has_returned && (int32_t)call->result == -1 ? step : NOBODY;
    }
    return NOBODY;
}
