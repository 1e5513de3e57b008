// SPDX-License-Identifier: MIT
// A program that is run ended with another exit status than the expected one.
#include <ctype.h>
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

// Does a call make ready what another one works on? The latest of a library's other functions that
// was given the same object.
static int32_t made_ready_by(const struct recording *r, int32_t call)
{
    const uint64_t object = call_at(r, call)->arguments[0];
    for (int32_t i = call - 1; i >= 0 && object > UINT32_MAX; i--) {
        const struct recorded_call *other = call_at(r, i);
        if (other != NULL && other->arguments[0] == object &&
            strcmp(callee(r, i), callee(r, call)) != 0 && strncmp(callee(r, i), "mem", 3) != 0)
            return i;
    }
    return NOBODY;
}

// A call of a library's that keeps its state in an object of the program's.
static bool has_object(const struct recording *r, int32_t step)
{
    static const char *const plain[] = {"str", "mem", "ato", "is", "fopen", "get", "f"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strncmp(callee(r, step), plain[i], strlen(plain[i])) == 0)
            return false;
    return true;
}

// What a library's function said no to hangs on how its object was made.
static bool tell_object(struct inquiry *inquiry, int32_t jump)
{
    struct recording *r = inquiry->r;
    struct origin origin;
    int32_t compare;
    if (!origin_of_condition(r, jump, &compare, &origin) || origin.kind != ORIGIN_RESULT ||
        call_at(r, origin.step) == NULL || !has_object(r, origin.step))
        return false;
    return tell(inquiry, TOLD_MADE_BY, without_shared(r, made_ready_by(r, origin.step)),
                "the call that the program gave up for works on what was made here");
}

// A number that was counted down to nothing: where the count began.
static bool tell_count(struct inquiry *inquiry, int32_t jump)
{
    struct origin origin;
    int32_t compare;
    if (!origin_of_condition(inquiry->r, jump, &compare, &origin) || origin.kind != ORIGIN_COMPUTED)
        return false;
    origin_of_count(inquiry->r, &origin);
    return origin.kind == ORIGIN_CONST && origin.step != NOBODY && origin.number > 1 &&
           tell_number(inquiry, &origin, "the count that ran out began here");
}

// Whether a text ends here is no answer that somebody gave.
static bool asks_text(struct recording *r, int32_t jump)
{
    int32_t compare = flags_writer(r, jump);
    struct origin before;
    for (int32_t i = compare, k = 0; i != NOBODY && k < 3; i = r->previous[i], k++)
        if (r->steps[i].call == 0 && at(r, i)->loads && at(r, i)->memory_size == 1) {
            origin_of_byte(r, i, memory_address(r, i) - 1, &before);
            return before.kind == ORIGIN_INPUT;
        }
    return false;
}

// It gave up and should not have: the condition, or what was found out for it elsewhere.
static bool tell_why_given_up(struct inquiry *inquiry, int32_t end)
{
    static const char note[] = "the program gave up for how this condition came out";
    struct recording *r = inquiry->r;
    struct decision decision;
    int32_t jump = control_above(r, end);
    if (jump == NOBODY)
        return false;
    decision_follow_one(r, jump, 0, &decision);
    if (asks_text(r, decision.jump))
        decision.told = decision.jump;
    if (tell_object(inquiry, decision.jump) || tell_count(inquiry, decision.jump))
        return true;
    // Who checks for others has said no: what did the bytes go through before?
    int32_t told = without_shared(r, decision.told);
    if (told != decision.told && asks_about_suspect(inquiry, decision.jump) &&
        tell_last_look(inquiry, told, false, false))
        return true;
    return tell(inquiry, TOLD_MADE_BY, told, note);
}

bool rule_given_up(struct inquiry *inquiry)
{
    int32_t end = end_of(inquiry->r);
    return inquiry->failure->status != 0 && end != NOBODY && tell_why_given_up(inquiry, end);
}

// ---------------------------------------------------------------- an end that nobody minded

// Several things may be asked on a line, errno among them.
static bool line_asks(struct recording *r, int32_t jump, int32_t call)
{
    struct origin origin;
    int32_t compare;
    for (int32_t i = jump; i != NOBODY && i > call && i != r->parent[jump]; i = r->previous[i]) {
        if (r->parent[i] != r->parent[jump])
            continue;
        if (line_of(r, i) != line_of(r, jump))
            return false;
        if (at(r, i)->operation == OP_JUMP && origin_of_condition(r, i, &compare, &origin) &&
            origin.kind == ORIGIN_RESULT && origin.step == call)
            return true;
    }
    return false;
}

// Did this condition, or what it was answered with, ask about the result of a call?
static bool asks_result(struct recording *r, int32_t jump, int32_t call)
{
    for (int i = 0; i < 8 && jump != NOBODY && jump > call; i++) {
        struct origin origin;
        int32_t compare;
        if (line_asks(r, jump, call))
            return true;
        if (!origin_of_condition(r, jump, &compare, &origin) || !at(r, compare)->tests_zero)
            return false;
        origin_of_answer(r, &origin);
        if (origin.step == NOBODY || origin.step < call ||
            (origin.kind == ORIGIN_CONST && (origin.number < 0 || origin.number > 1)))
            return false;
        if (origin.kind == ORIGIN_COMPUTED && at(r, origin.step)->reads_flags)
            jump = origin.step; // a comparison that was kept
        else if (origin.kind == ORIGIN_CONST)
            jump = control_of(r, origin.step);
        else
            return false;
    }
    return false;
}

// The last call that brought no more of the answer: the end of the connection, or its failure.
static int32_t end_of_input(const struct recording *r)
{
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        const char *name = callee(r, i);
        if (call == NULL || !call->has_returned)
            continue;
        if (strcmp(name, "poll") == 0 || strcmp(name, "select") == 0 ||
            strncmp(name, "connect", 7) == 0)
            return NOBODY;
        if (strncmp(name, "recv", 4) == 0 ||
            (strcmp(name, "read") == 0 && (int64_t)(int)call->arguments[0] == r->code.descriptor))
            return (int64_t)call->result <= 0 ? i : NOBODY;
    }
    return NOBODY;
}

// The last call that could not write what was to be printed.
static int32_t failed_print(const struct recording *r)
{
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call != NULL && call->has_returned && strcmp(callee(r, i), "write") == 0 &&
            (int)call->arguments[0] == 1)
            return (int64_t)call->result < 0 ? i : NOBODY;
    }
    return NOBODY;
}

static bool tell_unminded(struct inquiry *inquiry, int32_t call, int32_t end, const char *note)
{
    enum { JUMPS_MOST = 20000 };
    struct recording *r = inquiry->r;
    int32_t last = NOBODY, control = end == NOBODY ? NOBODY : control_above(r, end);
    int jumps = 0;
    for (int32_t i = call == NOBODY ? (int32_t)r->step_count : call + 1;
         i < (int32_t)r->step_count && jumps < JUMPS_MOST; i++) {
        if (at(r, i)->operation != OP_JUMP || (control != NOBODY && i > control))
            continue;
        jumps++;
        if (asks_result(r, i, call))
            last = i;
    }
    struct origin status;
    if (last != NOBODY && origin_of_status(inquiry, &status) && status.kind == ORIGIN_CONST &&
        status.step > last && at(r, status.step)->function != at(r, last)->function &&
        control_above(r, status.step) == last)
        return tell(inquiry, TOLD_MADE_BY, status.step, "the exit status comes from here");
    return tell(inquiry, TOLD_READ_BY, last, note);
}

// What a function that reads for others asks, it asks of all that comes.
static bool leads_to(struct inquiry *inquiry, int32_t jump, int wanted)
{
    return at(inquiry->r, jump)->operation == OP_JUMP &&
           other_way_has(inquiry->r, jump, &wanted, 1) && without_readers(inquiry->r, jump) == jump;
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

static int32_t first_gate(struct inquiry *inquiry, int32_t from, int wanted)
{
    for (int32_t i = from; i < (int32_t)inquiry->r->step_count; i++)
        if (leads_to(inquiry, i, wanted))
            return i;
    return NOBODY;
}

// The marked bytes are digits alone.
static bool is_number(const struct failure *failure)
{
    for (long i = failure->suspect; i < failure->suspect + failure->suspect_length; i++)
        if (i < 0 || (size_t)i >= failure->request.length || !isdigit(failure->request.data[i]))
            return false;
    return failure->suspect >= 0;
}

bool rule_exit(struct inquiry *inquiry)
{
    static const char gate_note[] =
        "the last condition whose other way out leads to the expected status";
    static const char end_note[] = "the last line that asked about the end of what came";
    const struct failure *failure = inquiry->failure;
    int got = status_of(&failure->actual), wanted = status_of(&failure->expected);
    if (got < 0 || wanted < 0)
        return false;
    int32_t end = end_of(inquiry->r);
    if (wanted != 0 && tell_unminded(inquiry, failed_print(inquiry->r), NOBODY,
                                     "the last line that asked whether writing had failed"))
        return true;
    if (got != 0 && wanted == 0 && end != NOBODY)
        return rule_cut_reading(inquiry) || tell_why_given_up(inquiry, end);
    // Behind the end of what came, who could have given up for it?
    int32_t ended = end_of_input(inquiry->r);
    int32_t behind = got == 0 && ended != NOBODY ? first_gate(inquiry, ended, wanted) : NOBODY;
    if (failure->suspect < 0 && tell_decision(inquiry, TOLD_MADE_BY, behind, gate_note))
        return true;
    if (failure->suspect < 0 && tell_unminded(inquiry, end_of_input(inquiry->r), end, end_note))
        return true;
    if (got != 0 && end != NOBODY && failure->suspect < 0)
        return tell_why_given_up(inquiry, end);
    if (tell(inquiry, TOLD_MADE_BY, gate_of_suspect(inquiry, wanted), gate_note) ||
        (is_number(failure) && tell_decision(inquiry, TOLD_MADE_BY, behind, gate_note)) ||
        (got == 0 && is_number(failure) &&
         tell_unminded(inquiry, end_of_input(inquiry->r), end, end_note)) ||
        tell_last_look(inquiry, end, false, true))
        return true;
    if (got == 0 && tell_decision(inquiry, TOLD_MADE_BY, gate(inquiry, wanted), gate_note))
        return true;
    return end != NOBODY && tell_why_given_up(inquiry, end);
}
