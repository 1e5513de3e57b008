// SPDX-License-Identifier: MIT
/*
 * An answer of a protocol of lines is another than the expected one. Its texts stand in the
 * program: so where the expected one would have been given can be found, and what chose.
 *
 *   the bytes that matter   who judged them before their request was answered; where they were only
 *                           recognized, what that answer was made of
 *   the expected answer     the condition whose other way leads to its text
 *   a limit                 the one for which another answer was given
 *   a number                where it lost its upper bits, or was kept last
 */
#include <stdlib.h>
#include <string.h>

#include "trace/origin/inquiry.h"

enum { LINE_END = 2 };

// ---------------------------------------------------------------- where the answer was made

// The step that made what was sent there: a copy of a text, or the formatting of a line; behind it
// only copies lead to the call that sends.
static int32_t made_at(const struct sent *sent, const struct origin *origin)
{
    int32_t made = sent->step;
    if (origin->kind == ORIGIN_STATIC || origin->kind == ORIGIN_CONST) {
        if (origin->hop_count > 0)
            made = origin->hops[origin->hop_count - 1].step;
    } else if (origin->formatted_count > 0) {
        made = origin->formatted[0].step;
    } else if (origin->hop_count > 0) {
        made = origin->hops[0].step;
    }
    return made < sent->step ? made : sent->step;
}

// The program answers with texts of its own, and does not only send back what came.
static bool answers_with_texts(const struct recording *r)
{
    struct sent sent;
    struct origin origin;
    return origin_of_sent(r, r->code.sent, &sent, &origin) &&
           (origin.kind == ORIGIN_STATIC || origin.kind == ORIGIN_CONST);
}

// Why a constant was chosen: the step that took its address.
static int32_t choice_of(const struct recording *r, const struct origin *origin)
{
    struct origin pointer = *origin, next;
    for (int i = 0; i < 4 && pointer.kind == ORIGIN_STATIC; i++) {
        if (!origin_of_pointer(r, &pointer, &next))
            return NOBODY;
        pointer = next;
    }
    return pointer.kind == ORIGIN_CONST ? pointer.step : NOBODY;
}

// ---------------------------------------------------------------- the bytes that matter

// The first call behind a step that sent something on the connection; NOBODY. And how much had been
// sent before it.
static int32_t first_sending(const struct recording *r, int32_t from, size_t *offset)
{
    uint64_t address;
    *offset = r->code.sent;
    for (int32_t i = (int32_t)r->code.before; i < (int32_t)r->step_count; i++) {
        size_t size =
            call_at(r, i) == NULL ? 0 : call_sends(r, i, (int)r->code.descriptor, 0, &address);
        if (size > 0 && i > from)
            return i;
        *offset += size;
    }
    return NOBODY;
}

// A loop's condition says how far something goes, and not what it is.
static bool is_of_loop(const struct recording *r, int32_t jump)
{
    if (went_otherwise(r, jump))
        return true;
    for (int32_t i = r->next[jump]; i != NOBODY; i = r->next[i]) {
        if (r->steps[i].ip == r->steps[jump].ip && r->parent[i] == r->parent[jump] &&
            r->next[i] != NOBODY && r->steps[r->next[i]].ip != r->steps[r->next[jump]].ip)
            return true;
        if (at(r, i)->operation == OP_RETURN && r->parent[i] == r->parent[jump])
            return false;
    }
    return false;
}

// isdigit() and its like look into a table, whose address they were given shortly before.
static bool asks_for_class(const struct recording *r, int32_t step)
{
    enum { NEAR = 12 };
    int32_t before = r->previous[step];
    for (int i = 0; i < NEAR && before != NOBODY; i++, before = r->previous[before])
        if (call_at(r, before) != NULL)
            return strncmp(callee(r, before), "__ctype_", strlen("__ctype_")) == 0 &&
                   line_of(r, before) == line_of(r, step);
    return false;
}

// Does this look judge the bytes? Not, where it only asks whether a text ends there, or searches.
static bool judges(const struct recording *r, const struct look *look)
{
    int32_t step = look->step;
    if (call_at(r, step) != NULL)
        return strstr(callee(r, step), "cmp") != NULL || is_number_reader(callee(r, step));
    if (at(r, step)->operation != OP_JUMP)
        return asks_for_class(r, step);
    int32_t compare = flags_writer(r, step);
    return compare == NOBODY || r->steps[compare].call != 0 || !at(r, compare)->tests_zero;
}

// Was there memory? That hangs on no byte, even where its size does.
static bool is_about_memory(const struct recording *r, int32_t jump)
{
    int32_t compare;
    struct origin origin;
    return origin_of_condition(r, jump, &compare, &origin) && origin.kind == ORIGIN_RESULT &&
           strstr(callee(r, origin.step), "alloc") != NULL;
}

// Is there a text at all? That is asked of an address, and not of the bytes there.
static bool is_about_address(const struct recording *r, int32_t jump)
{
    enum { ADDRESS_SIZE = 8 };
    int32_t compare = flags_writer(r, jump);
    bool known = false;
    if (compare == NOBODY || !at(r, compare)->tests_zero)
        return false;
    const struct instruction *insn = at(r, compare);
    if (insn->loads && insn->memory_size == ADDRESS_SIZE)
        return number_before(r, compare, memory_address(r, compare), ADDRESS_SIZE, &known) >
                   UINT32_MAX &&
               known;
    for (int i = 0; i < REGISTERS; i++)
        if (!insn->loads && insn->reads >> i & 1 && r->steps[compare].registers[i] > UINT32_MAX)
            return true;
    return false;
}

// A condition on what was made of what was looked at on another line.
static bool is_asked(const struct recording *r, int32_t step, int32_t look)
{
    bool same = look != NOBODY && line_of(r, step) == line_of(r, look) &&
                r->parent[step] == r->parent[look];
    return at(r, step)->operation == OP_JUMP && !same && !is_of_loop(r, step) &&
           !is_about_memory(r, step) && !is_about_address(r, step);
}

struct judged {
    int32_t last;    // who judged a byte last; NOBODY
    bool matched;    // a comparison, which found it equal
    int32_t asked;   // the condition behind that, on what had been made of the bytes; NOBODY
    int32_t touched; // who computed with a byte, or counted it, last; NOBODY
};

// Where a comparison found them equal, only what hangs on its result is about the bytes: their
// number, and where they lie, are about any bytes.
static void ask_result(const struct recording *r, int32_t end, struct judged *judged)
{
    struct look *looks;
    size_t count = looks_at_result(r, judged->last, &looks);
    judged->asked = NOBODY;
    for (size_t i = 0; i < count && looks[i].step < end; i++)
        if (is_asked(r, looks[i].step, judged->last))
            judged->asked = looks[i].step;
    free(looks);
}

static struct judged judge(const struct recording *r, const struct look *looks, size_t count,
                           int32_t end)
{
    struct judged out = {.last = NOBODY, .asked = NOBODY, .touched = NOBODY};
    for (size_t i = 0; i < count; i++) {
        const struct look *look = &looks[i];
        int32_t step = look->step;
        if (step >= end)
            break;
        if (!look->byte) {
            if (is_asked(r, step, out.last))
                out.asked = step;
        } else if (judges(r, look)) {
            out.last = step;
            out.matched = look->matched;
            out.asked = NOBODY;
        } else {
            out.touched = step;
        }
    }
    if (out.last != NOBODY && out.matched)
        ask_result(r, end, &out);
    return out;
}

// What was answered to the request whose bytes were read at this step.
static bool tell_its_answer(struct inquiry *inquiry, int32_t reader)
{
    struct sent sent;
    struct origin origin;
    size_t offset;
    return first_sending(inquiry->r, reader, &offset) != NOBODY &&
           origin_of_sent(inquiry->r, offset, &sent, &origin) &&
           tell_origin(inquiry, &origin, "what was answered to the marked request comes from here");
}

static bool tell_judged(struct inquiry *inquiry, const struct judged *judged, int32_t reader)
{
    struct recording *r = inquiry->r;
    if (judged->asked != NOBODY)
        return tell(inquiry, TOLD_READ_BY, judged->asked,
                    "the last condition that depended on the marked bytes");
    if (judged->last != NOBODY && judged->matched)
        return tell_its_answer(inquiry, reader);
    int32_t last = judged->last, caller;
    while (last != NOBODY && (caller = who_ignored(r, last, true)) != last)
        last = caller;
    if (last != NOBODY)
        return tell(inquiry, TOLD_READ_BY, last, "the last line that looked at the marked bytes");
    return tell(inquiry, TOLD_READ_BY, without_helpers(r, judged->touched),
                "the last line that looked at the marked bytes");
}

// `made`: the step that made the wrong answer.
static bool tell_suspect(struct inquiry *inquiry, int32_t made)
{
    struct recording *r = inquiry->r;
    const struct failure *failure = inquiry->failure;
    struct look *looks;
    size_t offset;
    int32_t reader = failure->suspect >= 0 ? reader_of(r, (size_t)failure->suspect) : NOBODY;
    if (reader == NOBODY)
        return false;
    size_t count = looks_at(r, (int)r->code.descriptor, r->code.received, (size_t)failure->suspect,
                            (size_t)failure->suspect_length, &looks);
    int32_t answered = first_sending(r, reader, &offset);
    struct judged judged =
        judge(r, looks, count, answered != NOBODY && answered < made ? answered : made);
    // A value is looked at when it is asked for.
    if (judged.last == NOBODY && judged.asked == NOBODY && answered < made)
        judged = judge(r, looks, count, made);
    free(looks);
    return tell_judged(inquiry, &judged, reader);
}

// ---------------------------------------------------------------- the expected answer

static bool tell_gate(struct inquiry *inquiry, int32_t made)
{
    struct recording *r = inquiry->r;
    const struct bytes *expected = &inquiry->failure->expected;
    int32_t from = last_call_to(r, made, &calls_to_read);
    for (int32_t i = r->previous[made]; i != NOBODY && i > from; i = r->previous[i])
        if (at(r, i)->operation == OP_JUMP && r->next[i] != NOBODY &&
            other_way_names(r, i, expected->data, expected->length) && !is_of_loop(r, i))
            return tell_decision(inquiry, TOLD_MADE_BY, i,
                                 "the expected answer is on the other way out of this condition");
    return false;
}

// ---------------------------------------------------------------- a limit

// The answer was given where a number was beyond one that has a name.
static bool tell_named_limit(struct inquiry *inquiry, const struct origin *origin)
{
    struct recording *r = inquiry->r;
    int32_t chosen = choice_of(r, origin);
    int32_t jump = chosen != NOBODY ? control_of(r, chosen) : NOBODY;
    struct decision decision;
    if (jump == NOBODY || at(r, jump)->tests_equal)
        return false;
    decision_follow_one(r, jump, 0, &decision);
    if (!decision.has_number || decision.told != jump ||
        (name_of_number(r, decision.number) == NULL &&
         name_of_number(r, decision.number + 1) == NULL))
        return false;
    return tell_limit(inquiry, &decision, "the answer was given for this limit");
}

// ---------------------------------------------------------------- a number

// From a register before a step back through moves between registers: the one that cut its number.
static int32_t cut_behind(const struct recording *r, int32_t step, int number)
{
    enum { MOVES_MOST = 8 };
    for (int i = 0; i < MOVES_MOST; i++) {
        int32_t writer = register_writer(r, step, number);
        if (writer == NOBODY || number >= REGISTERS || r->steps[writer].call != 0 ||
            at(r, writer)->operation != OP_MOVE || at(r, writer)->loads)
            return NOBODY;
        const struct instruction *insn = at(r, writer);
        if (insn->source < 0 || insn->source >= REGISTERS)
            return NOBODY;
        uint64_t before = r->steps[writer].registers[insn->source];
        uint64_t after = r->steps[step].registers[number];
        if (before > after && before >> 16 != 0 && after >> 32 == 0 && (uint32_t)before != after)
            return writer;
        if (before > UINT32_MAX && after == (uint32_t)before)
            return writer;
        step = writer;
        number = (unsigned char)insn->source;
    }
    return NOBODY;
}

static bool is_helpers(const struct recording *r, int32_t step)
{
    int function = at(r, step)->function;
    return function != NOBODY && r->functions[function].call_sites > 1;
}

// A number that was made of what came: made by a function that reads numbers for many, it is no
// news where.
static bool tell_handed_on(struct inquiry *inquiry, const struct origin *origin)
{
    const struct recording *r = inquiry->r;
    int32_t kept = NOBODY;
    if (origin->formatted_count == 0 || origin->kind == ORIGIN_STATIC)
        return false;
    for (size_t i = 0; i < origin->hop_count; i++) {
        int32_t step = origin->hops[i].step;
        if (origin->hops[i].is_copy || r->steps[step].call != 0)
            continue;
        int32_t cut = cut_behind(r, step, at(r, step)->source);
        if (cut != NOBODY)
            return tell(inquiry, TOLD_MADE_BY, cut, "the number lost its upper bits here");
        if (kept == NOBODY && step < origin->formatted[0].step && !is_helpers(r, step))
            kept = step;
    }
    bool is_read = (origin->kind == ORIGIN_COMPUTED && is_helpers(r, origin->step)) ||
                   (origin->kind == ORIGIN_RESULT && is_number_reader(callee(r, origin->step)));
    return is_read && kept != NOBODY &&
           tell(inquiry, TOLD_MADE_BY, kept, "the number that was sent was kept here last");
}

// ---------------------------------------------------------------- the whole

// Only the end of a line is missing: what should stand before it was added here.
static bool tell_missing_end(struct inquiry *inquiry, size_t offset)
{
    const struct recording *r = inquiry->r;
    const struct bytes *expected = &inquiry->failure->expected;
    struct sent sent;
    struct origin origin;
    if (expected->length == 0 || expected->length > LINE_END || expected->data[0] != '\r' ||
        offset <= r->code.sent || !origin_of_sent(r, offset - 1, &sent, &origin) ||
        origin.hop_count == 0 || !origin.hops[0].is_copy)
        return false;
    return tell(inquiry, TOLD_MADE_BY, without_helpers(r, origin.hops[0].step),
                "what was sent before the place where the line's end is missing was added here");
}

bool rule_answer(struct inquiry *inquiry, size_t offset)
{
    struct recording *r = inquiry->r;
    const struct failure *failure = inquiry->failure;
    struct sent sent;
    struct origin origin;
    if (failure->was_run || asks_by_http(failure) || !failure->has_actual ||
        !answers_with_texts(r) || !origin_of_sent(r, offset, &sent, &origin))
        return false;
    int32_t made = made_at(&sent, &origin);
    return tell_suspect(inquiry, made) || (failure->has_expected && tell_gate(inquiry, made)) ||
           (failure->has_expected && tell_missing_end(inquiry, offset)) ||
           tell_named_limit(inquiry, &origin) || tell_handed_on(inquiry, &origin) ||
           rule_different(inquiry, offset);
}
