// SPDX-License-Identifier: MIT
// Which conditions a step hangs on, and what they asked about.
#include "trace/origin/inquiry.h"

enum { STACK_MOST = 256 * 1024 };

// The condition on which a step hangs, in its function or those that called it.
int32_t control_above(struct recording *r, int32_t step)
{
    for (; step != NOBODY; step = r->parent[step]) {
        int32_t control = control_of(r, step);
        if (control != NOBODY)
            return control;
    }
    return NOBODY;
}

// What a conditional jump asked about.
bool origin_of_condition(const struct recording *r, int32_t jump, int32_t *compare,
                         struct origin *out)
{
    *compare = flags_writer(r, jump);
    if (*compare == NOBODY || r->steps[*compare].call != 0)
        return false;
    const struct instruction *insn = at(r, *compare);
    if (insn->loads) {
        origin_of_byte(r, *compare, memory_address(r, *compare), out);
        return true;
    }
    for (int i = 0; i < REGISTERS; i++)
        if (insn->reads >> i & 1 && i != insn->base && i != insn->index) {
            origin_of_register(r, *compare, i, out);
            return true;
        }
    return false;
}

static bool is_one(int64_t number)
{
    return number == 1 || number == -1;
}

// A number that was counted up or down by one: where the count began.
void origin_of_count(const struct recording *r, struct origin *origin)
{
    for (int i = 0; i < 100000 && origin->kind == ORIGIN_COMPUTED; i++) {
        const struct instruction *insn = at(r, origin->step);
        bool by_one = (insn->has_immediate && is_one(insn->immediate)) ||
                      (insn->memory_size > 0 && !insn->loads && !insn->stores && insn->index < 0 &&
                       is_one(insn->displacement));
        if (!by_one)
            return;
        struct origin next;
        if (insn->stores)
            origin_of_byte(r, origin->step, memory_address(r, origin->step), &next);
        else
            origin_of_register(r, origin->step,
                               insn->has_immediate ? insn->destination : insn->base, &next);
        *origin = next;
    }
}

// The condition that was asked last of those on which a number hangs: where it was made, and where
// it was handed on.
int32_t latest_control(struct recording *r, const struct origin *origin)
{
    int32_t last = control_above(r, origin->step);
    for (size_t i = origin->hop_count; i-- > 0;) {
        const struct hop *hop = &origin->hops[i];
        if (r->steps[hop->step].call != 0)
            break;
        int32_t control = control_above(r, hop->step);
        if (control > last && control > origin->step)
            last = control;
        if (hop->to - r->steps[hop->step].registers[REGISTER_SP] > STACK_MOST)
            break; // it was kept: what comes later is about all answers
    }
    return last;
}

// Did it store into a variable of its own function?
static bool is_local(const struct recording *r, int32_t store)
{
    const uint64_t *registers = r->steps[store].registers;
    return at(r, store)->stores && memory_address(r, store) - registers[REGISTER_SP] <=
                                       registers[REGISTER_BP] - registers[REGISTER_SP];
}

// A condition may ask several things on one line: one of them was set in a condition itself.
int32_t set_for(struct recording *r, int32_t jump)
{
    int line = line_of(r, jump);
    for (int32_t i = jump; i != NOBODY && i != r->parent[jump]; i = r->previous[i]) {
        struct origin origin;
        int32_t compare;
        if (r->parent[i] != r->parent[jump])
            continue;
        if (line_of(r, i) != line)
            return NOBODY;
        if (at(r, i)->operation != OP_JUMP || !origin_of_condition(r, i, &compare, &origin) ||
            origin.kind == ORIGIN_COMPUTED)
            continue;
        const struct instruction *insn = at(r, compare);
        int32_t store = origin.hop_count > 0 && !origin.hops[0].is_copy ? origin.hops[0].step
                        : insn->loads ? memory_writer(r, compare, memory_address(r, compare))
                                      : NOBODY;
        if (store != NOBODY && is_local(r, store) && r->parent[store] == r->parent[jump] &&
            line_of(r, store) != line && control_of(r, store) != NOBODY)
            return store;
    }
    return NOBODY;
}

// Could a condition of this line have refused the request?
bool line_refuses(struct recording *r, int32_t jump)
{
    for (int32_t i = jump; i != NOBODY; i = r->next[i]) {
        if (r->parent[i] != r->parent[jump] && i != jump && r->parent[i] > jump)
            continue;
        if (r->parent[i] != r->parent[jump] || line_of(r, i) != line_of(r, jump))
            return false;
        if (at(r, i)->operation == OP_JUMP && other_way_has(r, i, NULL, 0))
            return true;
    }
    return false;
}

int32_t last_gate(struct recording *r, int32_t before, const int *numbers, size_t count)
{
    for (int32_t i = before - 1; i >= 0; i--)
        if (at(r, i)->operation == OP_JUMP && other_way_has(r, i, numbers, count))
            return i;
    return NOBODY;
}
