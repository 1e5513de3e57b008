// SPDX-License-Identifier: MIT
/*
 * What a program that is run printed is wrong. It prints what it receives: bytes are missing that
 * it never read, or did not write; or it took bytes for others than they are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "trace/origin/inquiry.h"

static const char *const read_names[] = {"recv",  "recvfrom", "recvmsg", "read",
                                         "fgets", "fread",    "getline", "getdelim"};
static const char *const ask_names[] = {"connect", "send", "sendto", "sendmsg", "writev"};
static const char *const print_names[] = {"write", "fwrite", "fputs", "putchar", "printf", "puts"};
static const char *const connect_names[] = {"connect"};
#define WANTED(names) ((struct wanted_call){names, sizeof(names) / sizeof *(names)})

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

// The same jump of this turn of its function went the other way before: it is a loop's.
static bool went_otherwise(const struct recording *r, int32_t jump)
{
    for (int32_t i = r->previous[jump]; i != NOBODY && i != r->parent[jump]; i = r->previous[i])
        if (r->steps[i].ip == r->steps[jump].ip && r->parent[i] == r->parent[jump] &&
            r->steps[r->next[i]].ip != r->steps[r->next[jump]].ip)
            return true;
    return false;
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
        for (size_t k = 0; k < sizeof read_names / sizeof *read_names; k++)
            has_read = has_read || strcmp(callee(r, i), read_names[k]) == 0;
    }
    return false;
}

static int32_t last_reading(const struct recording *r)
{
    for (int32_t i = (int32_t)r->step_count - 1; i >= (int32_t)r->code.before; i--)
        for (size_t k = 0; call_at(r, i) != NULL && k < sizeof read_names / sizeof *read_names; k++)
            if (strcmp(callee(r, i), read_names[k]) == 0)
                return i;
    return NOBODY;
}

static int32_t last_way_to(struct inquiry *inquiry, struct wanted_call wanted, bool leaves_loops)
{
    struct recording *r = inquiry->r;
    const struct wanted_call asks = WANTED(ask_names);
    int32_t from = leaves_loops ? last_reading(r) : (int32_t)r->code.before;
    for (int32_t i = (int32_t)r->step_count - 1; i >= from; i--)
        if (at(r, i)->operation == OP_JUMP &&
            (leaves_loops ? other_way_calls(r, i, &wanted)
                          : only_other_way_may_call(r, i, &wanted)) &&
            !other_way_also_calls(r, i, &asks) &&
            (leaves_loops ? !has_just_read(r, i) : !went_otherwise(r, i)))
            return i;
    return NOBODY;
}

// A number that it asked about whether it was 0 was made by a computation elsewhere.
static int32_t computed_for(struct recording *r, int32_t jump)
{
    struct origin origin;
    int32_t compare;
    if (!origin_of_condition(r, jump, &compare, &origin) || !at(r, compare)->tests_zero ||
        origin.kind != ORIGIN_COMPUTED || origin.step == NOBODY ||
        at(r, origin.step)->reads_flags || at(r, origin.step)->function == at(r, jump)->function)
        return NOBODY;
    return origin.step;
}

static bool tell_way(struct inquiry *inquiry, int32_t jump, const char *note)
{
    if (jump == NOBODY)
        return false;
    return tell(inquiry, TOLD_MADE_BY, computed_for(inquiry->r, jump), note) ||
           tell_decision(inquiry, TOLD_MADE_BY, jump, note);
}

static bool tell_unread(struct inquiry *inquiry)
{
    return is_unread(inquiry) &&
           (tell_way(
                inquiry, last_way_to(inquiry, WANTED(read_names), true),
                "the last condition whose other way leads to reading what was still to come") ||
            tell(inquiry, TOLD_MADE_BY, without_shared(inquiry->r, last_reading(inquiry->r)),
                 "what was read last was asked for here, and more was to come"));
}

bool rule_cut_reading(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    struct origin origin;
    int32_t compare;
    if (!has_places(r) || !is_unread(inquiry))
        return false;
    int32_t jump = last_way_to(inquiry, WANTED(read_names), true);
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
        int chosen = insn->destination;
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

// ---------------------------------------------------------------- connections

static int32_t last_call_of(const struct recording *r, int32_t before, const char *const *names,
                            size_t count)
{
    for (int32_t i = before - 1; i >= 0; i--)
        for (size_t k = 0; call_at(r, i) != NULL && k < count; k++)
            if (strcmp(callee(r, i), names[k]) == 0)
                return i;
    return NOBODY;
}

bool tell_reuse(struct inquiry *inquiry, int32_t before)
{
    struct recording *r = inquiry->r;
    const struct wanted_call connects = WANTED(connect_names);
    struct decision decision;
    for (int32_t i = before - 1; i >= 0; i--) {
        if (at(r, i)->operation != OP_JUMP || !other_way_calls(r, i, &connects))
            continue;
        decision_follow(r, i, 0, &decision);
        return tell(inquiry, TOLD_MADE_BY, without_shared(r, decision.told),
                    "no connection was made for this request, for how this came out");
    }
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
    int32_t sent = first == NOBODY ? NOBODY : last_call_of(r, first, ask_names + 1, 4);
    int32_t read = first == NOBODY ? NOBODY : last_call_of(r, first, read_names, 4);
    // Between the reading and the first look something was asked.
    return sent != NOBODY && read != NOBODY && read < sent && tell_reuse(inquiry, sent);
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
    const struct wanted_call asks = {ask_names + 1, 4};
    struct decision decision;
    int32_t step = last_call_of(r, (int32_t)r->step_count, connect_names, 1);
    for (; step != NOBODY; step = r->parent[step]) {
        int32_t jump = control_of(r, step);
        if (jump == NOBODY || !other_way_also_calls(r, jump, &asks))
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

static bool tell_no_request(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    const struct wanted_call asks = {ask_names + 1, 4};
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--)
        if (at(r, i)->operation == OP_JUMP &&
            (other_way_calls(r, i, &asks) || only_other_way_may_call(r, i, &asks)) &&
            !went_otherwise(r, i))
            return tell_decision(inquiry, TOLD_MADE_BY, i,
                                 "the last condition whose other way leads to a further request");
    return false;
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
        if (same > 0 && find_written(inquiry, same - 1, &sent) &&
            tell_number_read(inquiry, sent.step))
            return true;
        return failure->actual.length == 0 &&
               tell_way(inquiry, last_way_to(inquiry, WANTED(print_names), false),
                        "the last condition whose other way leads to printing");
    }
    if (!find_written(inquiry, same, &sent))
        return false;
    if (starts_with(&failure->actual, &failure->expected) && sent.index > 0)
        return tell_length(inquiry, sent.step, length_argument(r, sent.step));
    if (starts_with(&failure->actual, &failure->expected) ||
        ends_with(&failure->actual, &failure->expected))
        return tell_let(inquiry, sent.step);
    origin_of_byte(r, sent.step, sent.address, &origin);
    return tell_transformed(inquiry, &origin) ||
           (origin.kind == ORIGIN_INPUT &&
            (tell_too_early(inquiry) || tell_dependent(inquiry, sent.step)));
}
