// SPDX-License-Identifier: MIT
/*
 * What a program that is run printed is wrong. It prints what it receives: bytes are missing that
 * it never read, or did not write; or it took bytes for others than they are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "trace/origin/inquiry.h"

// ---------------------------------------------------------------- what was not read

// More had come, or was on its way, than the program read; and it did not come to an end.
static bool is_unread(const struct inquiry *inquiry)
{
    const struct recording *r = inquiry->r;
    uint64_t received = r->code.received;
    bool ended = false, reads = false;
    for (int32_t i = (int32_t)r->code.before; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        const char *name = callee(r, i);
        if (call == NULL || !call->has_returned ||
            (int64_t)(int)call->arguments[0] != r->code.descriptor ||
            (strncmp(name, "recv", 4) != 0 && strcmp(name, "read") != 0))
            continue;
        reads = true;
        ended = call->result == 0;
        received += (int64_t)call->result > 0 ? call->result : 0;
    }
    return reads && !ended && received < inquiry->failure->request.length;
}

// The loop around the reading itself, which has read.
static bool has_just_read(const struct recording *r, int32_t jump)
{
    bool has_read = false;
    for (int32_t i = r->previous[jump]; i != NOBODY && i != r->parent[jump]; i = r->previous[i]) {
        if (r->parent[i] != r->parent[jump])
            continue;
        if (r->steps[i].ip == r->steps[jump].ip)
            return has_read;
        has_read = has_read || is_call_to(r, i, &calls_to_read);
    }
    return false;
}

static int32_t last_reading(const struct recording *r)
{
    int32_t last = last_call_to(r, (int32_t)r->step_count, &calls_to_read);
    return last >= (int32_t)r->code.before ? last : NOBODY;
}

static bool leads_to_reading(struct recording *r, int32_t jump)
{
    return other_way_calls(r, jump, &calls_to_read) &&
           !other_way_also_calls(r, jump, &calls_to_ask);
}

static bool leads_to_printing(struct recording *r, int32_t jump)
{
    return only_other_way_may_call(r, jump, &calls_to_print) &&
           !other_way_also_calls(r, jump, &calls_to_ask);
}

// Behind the last reading, the last condition whose other way leads to more of it; NOBODY.
static int32_t way_to_reading(struct recording *r)
{
    const int32_t from = last_reading(r);
    int32_t jump = last_jump_that(r, (int32_t)r->step_count, from, leads_to_reading);
    while (jump != NOBODY && has_just_read(r, jump))
        jump = last_jump_that(r, jump, from, leads_to_reading);
    return jump;
}

static int32_t way_to_printing(struct recording *r)
{
    const int32_t from = (int32_t)r->code.before;
    int32_t jump = last_jump_that(r, (int32_t)r->step_count, from, leads_to_printing);
    while (jump != NOBODY && went_otherwise(r, jump))
        jump = last_jump_that(r, jump, from, leads_to_printing);
    return jump;
}

// What a comparison with 0 found to be 0.
static bool was_zero(const struct recording *r, int32_t compare)
{
    const struct instruction *insn = at(r, compare);
    bool known;
    if (!insn->tests_zero)
        return false;
    if (insn->loads)
        return number_before(r, compare, memory_address(r, compare), insn->memory_size, &known) ==
                   0 &&
               known;
    for (int k = 0; k < REGISTERS; k++)
        if (insn->reads >> k & 1)
            return r->steps[compare].registers[k] == 0;
    return false;
}

// What it asked about, whether it was 0, was made by a computation elsewhere. `was`: and it was.
static int32_t computed_for(struct recording *r, int32_t jump, bool was)
{
    struct origin origin;
    int32_t compare;
    if (!origin_of_condition(r, jump, &compare, &origin) || !at(r, compare)->tests_zero ||
        (was && !was_zero(r, compare)) || origin.kind != ORIGIN_COMPUTED || origin.step == NOBODY ||
        at(r, origin.step)->reads_flags || at(r, origin.step)->function == at(r, jump)->function)
        return NOBODY;
    return origin.step;
}

static bool tell_way(struct inquiry *inquiry, int32_t jump, bool was_zero_there, const char *note)
{
    if (jump == NOBODY)
        return false;
    return tell(inquiry, TOLD_MADE_BY, computed_for(inquiry->r, jump, was_zero_there), note) ||
           tell_decision(inquiry, TOLD_MADE_BY, jump, note);
}

static bool tell_unread(struct inquiry *inquiry)
{
    static const char note[] =
        "the last condition whose other way leads to reading what was still to come";
    struct recording *r = inquiry->r;
    if (!is_unread(inquiry))
        return false;
    int32_t jump = way_to_reading(r), outside = without_shared(r, jump);
    // Whoever reads for others does so when there is need: who asked for it?
    if (jump != outside && function_makes(r, at(r, jump)->function, &calls_to_read))
        return tell(inquiry, TOLD_MADE_BY, outside,
                    "nothing was read here, though more was to come");
    return tell_way(inquiry, jump, true, note) ||
           tell(inquiry, TOLD_MADE_BY, without_shared(r, last_reading(r)),
                "what was read last was asked for here, and more was to come");
}

bool rule_cut_reading(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    struct origin origin;
    int32_t compare;
    if (!has_places(r) || !is_unread(inquiry))
        return false;
    int32_t jump = way_to_reading(inquiry->r);
    // That a line ended where its last byte came is as it should be.
    if (jump == NOBODY || !origin_of_condition(r, jump, &compare, &origin) ||
        origin.kind == ORIGIN_INPUT || at(r, compare)->has_immediate)
        return false;
    return tell(inquiry, TOLD_MADE_BY, jump,
                "the last condition whose other way leads to reading what was still to come");
}

// ---------------------------------------------------------------- how much was printed

// Of write(), and of fwrite(), which is called with the size of one byte in either place.
static int length_argument(const struct recording *r, int32_t printing)
{
    return callee(r, printing)[0] == 'f' && call_at(r, printing)->arguments[2] == 1 ? 1 : 2;
}

static bool is_told_how_much(const struct recording *r, int32_t printing)
{
    return strcmp(callee(r, printing), "write") == 0 || strcmp(callee(r, printing), "fwrite") == 0;
}

// The lesser of two numbers is one of them.
static void origin_of_number(const struct recording *r, int32_t step, int number,
                             struct origin *out)
{
    origin_of_register(r, step, number, out);
    for (int i = 0; i < 4 && out->kind == ORIGIN_COMPUTED && at(r, out->step)->reads_flags &&
                    at(r, out->step)->destination >= 0 && r->next[out->step] != NOBODY;
         i++) {
        int32_t choice = out->step;
        const struct instruction *insn = at(r, choice);
        uint64_t result = r->steps[r->next[choice]].registers[insn->destination];
        int chosen = (uint8_t)insn->destination;
        for (int k = 0; k < REGISTERS; k++)
            if (insn->reads >> k & 1 && k != insn->destination &&
                r->steps[choice].registers[k] == result)
                chosen = k;
        origin_of_register(r, choice, chosen, out);
    }
}

// So much was printed as a number said: where its text begins.
static bool tell_number_read(struct inquiry *inquiry, int32_t printing)
{
    struct recording *r = inquiry->r;
    struct origin number, text;
    origin_of_number(r, printing, argument_register(length_argument(r, printing)), &number);
    if (number.kind != ORIGIN_RESULT || !is_number_reader(callee(r, number.step)))
        return false;
    origin_of_register(r, number.step, argument_register(0), &text);
    return text.kind == ORIGIN_COMPUTED &&
           tell(inquiry, TOLD_MADE_BY, text.step, "the text of the number begins where this says");
}

// ---------------------------------------------------------------- why it was printed

// A condition's answer was given as it is, by a number in another function.
static int32_t given_for(const struct recording *r, int32_t jump)
{
    struct origin origin;
    int32_t compare;
    if (!origin_of_condition(r, jump, &compare, &origin) || !at(r, compare)->tests_zero ||
        origin.kind != ORIGIN_CONST || origin.step == NOBODY ||
        at(r, origin.step)->function == at(r, jump)->function)
        return NOBODY;
    const struct instruction *maker = at(r, origin.step);
    // All members of a structure are cleared together.
    return !maker->stores || maker->memory_size == 1 ? origin.step : NOBODY;
}

static bool tell_let(struct inquiry *inquiry, int32_t printing)
{
    struct recording *r = inquiry->r;
    for (int32_t step = printing; step != NOBODY; step = r->parent[step])
        for (int32_t jump = control_of(r, step); jump != NOBODY; jump = control_of(r, jump))
            if (tell(inquiry, TOLD_MADE_BY, given_for(r, jump),
                     "a condition under which this was printed asks about what is set here"))
                return true;
    return false;
}

// It was put through a library's function, though it was to be printed as it had come.
static bool tell_transformed(struct inquiry *inquiry, const struct origin *origin)
{
    enum { LEAST = 8 };
    const struct failure *failure = inquiry->failure;
    size_t length = failure->expected.length < 64 ? failure->expected.length : 64;
    if (origin->kind != ORIGIN_WRITTEN || length < LEAST ||
        memmem(failure->request.data, failure->request.length, failure->expected.data, length) ==
            NULL)
        return false;
    return tell_decision(inquiry, TOLD_MADE_BY, control_above(inquiry->r, origin->step),
                         "what was printed was made of what came, for how this came out");
}

// ---------------------------------------------------------------- what hangs on the marked line

struct dependence {
    struct recording *r;
    bool *looked; // by step: it looked at the line of the marked bytes
};

static void widen_to_line(const struct bytes *text, size_t *offset, size_t *length)
{
    size_t end = *offset + *length;
    while (*offset > 0 && *offset <= text->length && text->data[*offset - 1] != '\n')
        (*offset)--;
    while (end < text->length && text->data[end] != '\n')
        end++;
    *length = end - *offset;
}

// Something was set where the marked line had been asked about; the condition asks for that.
static bool depends(const struct dependence *d, int32_t jump)
{
    struct origin origin;
    int32_t compare;
    if (!origin_of_condition(d->r, jump, &compare, &origin) || origin.kind != ORIGIN_CONST ||
        origin.step == NOBODY || !at(d->r, origin.step)->stores ||
        at(d->r, origin.step)->function == at(d->r, jump)->function)
        return false;
    int32_t control = control_above(d->r, origin.step);
    for (int i = 0; i < 2 && control != NOBODY; i++) {
        for (int32_t step = control; step != NOBODY && step > control - 16;
             step = d->r->previous[step])
            if (d->looked[step])
                return true;
        control = control_above(d->r, control);
    }
    return false;
}

static bool tell_dependent(struct inquiry *inquiry, int32_t before)
{
    const struct failure *failure = inquiry->failure;
    if (failure->suspect < 0)
        return false;
    struct recording *r = inquiry->r;
    size_t offset = (size_t)failure->suspect, length = (size_t)failure->suspect_length;
    widen_to_line(&failure->request, &offset, &length);
    auto_free bool *looked = mem_alloc_array(r->step_count + 1, sizeof *looked);
    const struct dependence dependence = {r, looked};
    struct look *looks;
    size_t count = looks_at(r, (int)r->code.descriptor, r->code.received, offset, length, &looks);
    int32_t first = before;
    for (size_t i = 0; i < count; i++) {
        looked[looks[i].step] = true;
        first = looks[i].step < first ? looks[i].step : first;
    }
    free(looks);
    for (int32_t i = before - 1; i > first; i--)
        if (at(r, i)->operation == OP_JUMP && depends(&dependence, i))
            return tell(inquiry, TOLD_MADE_BY, i,
                        "the last condition that hangs on the line of the marked bytes");
    return false;
}

// Bytes that had come before a request was sent were taken for its answer.
static bool tell_too_early(struct inquiry *inquiry)
{
    const struct failure *failure = inquiry->failure;
    struct recording *r = inquiry->r;
    struct look *looks;
    if (failure->suspect < 0)
        return false;
    size_t count = looks_at(r, (int)r->code.descriptor, r->code.received, (size_t)failure->suspect,
                            (size_t)failure->suspect_length, &looks);
    int32_t first = count > 0 ? looks[0].step : NOBODY;
    free(looks);
    int32_t sent = first == NOBODY ? NOBODY : last_call_to(r, first, &calls_to_send);
    int32_t read = first == NOBODY ? NOBODY : last_call_to(r, first, &calls_to_read);
    // Between the reading and the first look something was asked.
    return sent != NOBODY && read != NOBODY && read < sent && tell_reuse(inquiry, sent);
}

// ---------------------------------------------------------------- the whole

static bool starts_with(const struct bytes *whole, const struct bytes *start)
{
    return start->length < whole->length && memcmp(whole->data, start->data, start->length) == 0;
}

static bool ends_with(const struct bytes *whole, const struct bytes *end)
{
    return end->length > 0 && end->length < whole->length &&
           memcmp(whole->data + whole->length - end->length, end->data, end->length) == 0;
}

bool rule_printed(struct inquiry *inquiry)
{
    const struct failure *failure = inquiry->failure;
    struct recording *r = inquiry->r;
    struct sent sent;
    struct origin origin;
    size_t same = 0;
    if (!failure->has_expected || !failure->has_actual)
        return false;
    while (same < failure->expected.length && same < failure->actual.length &&
           failure->expected.data[same] == failure->actual.data[same])
        same++;
    if (starts_with(&failure->expected, &failure->actual)) {
        if (has_places(r) && tell_unread(inquiry))
            return true;
        if (same > 0 && find_written(inquiry, same - 1, &sent) && is_told_how_much(r, sent.step) &&
            tell_number_read(inquiry, sent.step))
            return true;
        return failure->actual.length == 0 &&
               tell_way(inquiry, way_to_printing(inquiry->r), false,
                        "the last condition whose other way leads to printing");
    }
    if (!find_written(inquiry, same, &sent))
        return false;
    if (starts_with(&failure->actual, &failure->expected) && sent.index > 0 &&
        is_told_how_much(r, sent.step))
        return tell_length(inquiry, sent.step, length_argument(r, sent.step));
    if (starts_with(&failure->actual, &failure->expected) ||
        ends_with(&failure->actual, &failure->expected))
        return tell_let(inquiry, sent.step);
    // Printed by printf and the like, whose buffer exit() may have written long afterwards.
    if (sent.address == 0) {
        origin_of_formatted(r, sent.step, sent.index, &origin);
        return tell_origin(inquiry, &origin, NULL) || tell(inquiry, TOLD_MADE_BY, sent.step, NULL);
    }
    origin_of_byte(r, sent.step, sent.address, &origin);
    return tell_transformed(inquiry, &origin) ||
           (origin.kind == ORIGIN_INPUT &&
            (tell_too_early(inquiry) || tell_dependent(inquiry, sent.step)));
}
