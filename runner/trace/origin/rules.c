// SPDX-License-Identifier: MIT
// Decides which line is told, by what is wrong.
#include "trace/origin/rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { STACK_MOST = 256 * 1024 };

struct case_ {
    struct recording *r;
    const struct failure *failure;
    struct told *out;
};

static bool tell(struct case_ *c, enum told_kind kind, int32_t step, const char *note)
{
    if (step == NOBODY || line_of(c->r, step) == 0)
        return false;
    *c->out = (struct told){kind, step, line_of(c->r, step), at(c->r, step)->file, note, NULL};
    return true;
}

static bool is_helper(const struct recording *r, int32_t step)
{
    int function = at(r, step)->function;
    return function != NOBODY && r->functions[function].call_sites > 1;
}

// The innermost line that no function which is called from several places stands around.
static int32_t without_helpers(const struct recording *r, int32_t step)
{
    while (step != NOBODY && is_helper(r, step) && r->parent[step] != NOBODY)
        step = r->parent[step];
    return step;
}

// ---------------------------------------------------------------- sent bytes

struct sent {
    int32_t step;
    uint64_t address; // 0: it was formatted, or the buffer is not known
    uint64_t index;   // in what this call sent
    uint64_t start;   // the buffer
    uint64_t size;
};

static bool find_sent(const struct recording *r, size_t offset, struct sent *out)
{
    uint64_t position = r->code.sent, stream = 0;
    for (int32_t i = 0; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL)
            continue;
        uint64_t address;
        if (strcmp(callee(r, i), "fdopen") == 0 &&
            (int64_t)(int)call->arguments[0] == r->code.descriptor)
            stream = call->result;
        size_t size = call_sends(r, i, (int)r->code.descriptor, stream, &address);
        if (offset >= position && offset < position + size) {
            uint64_t index = offset - position;
            *out = (struct sent){i, address == 0 ? 0 : address + index, index, address, size};
            return true;
        }
        position += size;
    }
    return false;
}

static bool origin_of_sent(const struct recording *r, size_t offset, struct sent *sent,
                           struct origin *out)
{
    if (!find_sent(r, offset, sent))
        return false;
    if (sent->address != 0)
        origin_of_byte(r, sent->step, sent->address, out);
    else
        origin_of_formatted(r, sent->step, sent->index, out);
    if (out->pointer_step == NOBODY && sent->address != 0) {
        bool is_stream = callee(r, sent->step)[0] == 'f';
        out->pointer_step = sent->step;
        out->pointer_register = argument_register(is_stream ? 0 : 1);
    }
    return true;
}

// The line where a byte or number was made; constants without a name are where they are used.
static bool tell_origin(struct case_ *c, const struct origin *origin, const char *note)
{
    struct origin pointer = *origin;
    for (int i = 0; i < 4 && pointer.kind == ORIGIN_STATIC; i++) {
        const struct variable *variable = variable_at(c->r, pointer.address);
        if (variable != NULL && pointer.step == NOBODY && variable->size > 8) {
            *c->out = (struct told){TOLD_MADE_BY,           NOBODY, variable->line, variable->file,
                                    "the byte stands here", NULL};
            return true;
        }
        struct origin next;
        if (!origin_of_pointer(c->r, &pointer, &next))
            return false;
        pointer = next;
    }
    int32_t step = pointer.step;
    if (pointer.kind == ORIGIN_INPUT || pointer.kind == ORIGIN_WRITTEN ||
        pointer.kind == ORIGIN_RESULT)
        step = without_helpers(c->r, step);
    return step != NOBODY && tell(c, TOLD_MADE_BY, step, note);
}

// ---------------------------------------------------------------- status

static long answer_start(const struct failure *failure, size_t sent, size_t offset)
{
    long start = -1;
    for (size_t i = 0; i + 12 <= failure->reply.length && sent + i <= offset; i++)
        if (memcmp(failure->reply.data + i, "HTTP/1.", 7) == 0)
            start = (long)(sent + i);
    return start;
}

static int status_at(const struct recording *r, const struct failure *failure, long start)
{
    if (start < 0 || (size_t)start - r->code.sent + 12 > failure->reply.length)
        return 0;
    const unsigned char *digits = failure->reply.data + ((size_t)start - r->code.sent) + 9;
    if (!isdigit(digits[0]) || !isdigit(digits[1]) || !isdigit(digits[2]))
        return 0;
    return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0';
}

static size_t numbers_in(const struct bytes *text, int numbers[8])
{
    size_t count = 0;
    for (size_t i = 0; i + 3 <= text->length && count < 8; i++) {
        const unsigned char *d = text->data + i;
        if (isdigit(d[0]) && isdigit(d[1]) && isdigit(d[2]) && (i == 0 || !isdigit(d[-1])) &&
            (i + 3 == text->length || !isdigit(d[3])))
            numbers[count++] = (d[0] - '0') * 100 + (d[1] - '0') * 10 + d[2] - '0';
    }
    return count;
}

// The condition on which a step hangs, in its function or those that called it.
static int32_t control_above(struct recording *r, int32_t step)
{
    for (; step != NOBODY; step = r->parent[step]) {
        int32_t control = control_of(r, step);
        if (control != NOBODY)
            return control;
    }
    return NOBODY;
}

// What a conditional jump asked about.
static bool origin_of_condition(const struct recording *r, int32_t jump, int32_t *compare,
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

// A number that was counted up or down by one: where the count began.
static void origin_of_count(const struct recording *r, struct origin *origin)
{
    for (int i = 0; i < 100000 && origin->kind == ORIGIN_COMPUTED; i++) {
        const struct instruction *insn = at(r, origin->step);
        bool by_one = (insn->has_immediate && llabs(insn->immediate) == 1) ||
                      (insn->memory_size > 0 && !insn->loads && !insn->stores && insn->index < 0 &&
                       llabs(insn->displacement) == 1);
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
static int32_t latest_control(struct recording *r, const struct origin *origin)
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
static int32_t set_for(struct recording *r, int32_t jump)
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

// A number, and its name when an enumeration gives it one.
static bool tell_number(struct case_ *c, const struct origin *origin, const char *note)
{
    if (!tell(c, TOLD_MADE_BY, origin->step, note))
        return false;
    c->out->name = name_of_number(c->r, origin->number);
    return true;
}

// Why a request was refused that should not be: the condition, or what was made for it.
static bool tell_refusal(struct case_ *c, int32_t jump)
{
    struct recording *r = c->r;
    for (int depth = 0; depth < 6 && jump != NOBODY; depth++) {
        struct origin origin;
        int32_t compare;
        if (!origin_of_condition(r, jump, &compare, &origin))
            break;
        struct origin counted = origin;
        origin_of_count(r, &counted);
        if (counted.kind == ORIGIN_CONST && counted.step != origin.step && counted.number > 256)
            return tell_number(c, &counted, "the count that ran out began here");
        bool elsewhere = origin.step != NOBODY && r->parent[origin.step] != r->parent[jump] &&
                         r->parent[origin.step] != NOBODY && origin.step > r->parent[origin.step];
        bool said_no = origin.kind == ORIGIN_CONST && (origin.number == 0 || origin.number == 1);
        bool from_call = elsewhere && said_no &&
                         r->parent[r->parent[origin.step]] == r->parent[jump] &&
                         r->parent[origin.step] > r->parent[jump];
        if (from_call) {
            int32_t inner = control_of(r, origin.step);
            if (inner == NOBODY)
                return tell(c, TOLD_MADE_BY, origin.step, "it said no here");
            jump = inner;
            continue;
        }
        int32_t store = set_for(r, jump);
        if (store != NOBODY)
            return tell(c, TOLD_MADE_BY, store, "what the condition asked about was set here");
        break;
    }
    return tell(c, TOLD_MADE_BY, jump, "this condition decided it");
}

// Could a condition of this line have refused the request?
static bool line_refuses(struct recording *r, int32_t jump)
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

// A function that looked and said at once that it does not like it has done its part: its caller.
static int32_t who_ignored(struct recording *r, int32_t look)
{
    int32_t end = look, parent = r->parent[look];
    struct origin said;
    while (end != NOBODY && !(r->parent[end] == parent && at(r, end)->operation == OP_RETURN))
        end = r->next[end];
    if (end == NOBODY || parent == NOBODY)
        return look;
    origin_of_register(r, end, REGISTER_A, &said);
    int32_t control =
        said.step > look && said.kind == ORIGIN_CONST ? control_of(r, said.step) : NOBODY;
    return control != NOBODY && line_of(r, control) == line_of(r, look) ? parent : look;
}

// A request that had to be refused: who looked last at the bytes on which that hangs.
// What is compared as a whole: the word that the bytes are a part of.
static void widen_to_word(const struct bytes *text, size_t *offset, size_t *length)
{
    size_t end = *offset + *length;
    while (*offset > 0 && *offset <= text->length && text->data[*offset - 1] > ' ')
        (*offset)--;
    while (end < text->length && text->data[end] > ' ')
        end++;
    *length = end - *offset;
}

// `ignored`: it had to be refused; else it had to be understood.
static bool tell_last_look(struct case_ *c, int32_t end, bool only_matched, bool ignored)
{
    const struct failure *failure = c->failure;
    if (failure->suspect < 0)
        return false;
    struct look *looks;
    size_t offset = (size_t)failure->suspect, length = (size_t)failure->suspect_length;
    if (only_matched)
        widen_to_word(&failure->request, &offset, &length);
    size_t count =
        looks_at(c->r, (int)c->r->code.descriptor, c->r->code.received, offset, length, &looks);
    int32_t last = NOBODY, gate = NOBODY, matched = NOBODY;
    for (size_t i = 0; i < count; i++) {
        if (end != NOBODY && looks[i].step >= end)
            continue;
        if (looks[i].byte) {
            last = looks[i].step;
            gate = NOBODY;
            if (looks[i].matched)
                matched = last;
        }
        if (at(c->r, looks[i].step)->operation == OP_JUMP && !looks[i].byte &&
            line_refuses(c->r, looks[i].step))
            gate = looks[i].step;
    }
    free(looks);
    if (only_matched)
        return tell(c, TOLD_READ_BY, matched, "this comparison found it equal");
    return tell(c, TOLD_READ_BY, gate, "the last condition that hung on it") ||
           tell(c, TOLD_READ_BY, last == NOBODY || !ignored ? last : who_ignored(c->r, last),
                "the last line that looked at it");
}

// Did this condition ask about the bytes, or about a number that came from them?
static bool asks_about_suspect(struct case_ *c, int32_t jump)
{
    const struct failure *failure = c->failure;
    struct look *looks;
    bool asks = false;
    if (failure->suspect < 0)
        return false;
    size_t count = looks_at(c->r, (int)c->r->code.descriptor, c->r->code.received,
                            (size_t)failure->suspect, (size_t)failure->suspect_length, &looks);
    for (size_t i = 0; i < count; i++)
        asks = asks || looks[i].step == jump;
    free(looks);
    return asks;
}

static int32_t last_gate(struct recording *r, int32_t before, const int *numbers, size_t count)
{
    for (int32_t i = before - 1; i >= 0; i--)
        if (at(r, i)->operation == OP_JUMP && other_way_has(r, i, numbers, count))
            return i;
    return NOBODY;
}

static bool tell_not_refused(struct case_ *c, int32_t made, const int *numbers, size_t count)
{
    int32_t jump = control_above(c->r, made);
    if (jump != NOBODY && other_way_has(c->r, jump, numbers, count))
        return tell(c, TOLD_MADE_BY, jump, "this condition decided it");
    if (jump != NOBODY && asks_about_suspect(c, jump))
        return tell(c, TOLD_MADE_BY, made, "the status was chosen here");
    bool any_404 = false;
    for (size_t i = 0; i < count; i++)
        any_404 = any_404 || numbers[i] == 404;
    if (c->failure->suspect >= 0 && tell_last_look(c, made, any_404, true))
        return true;
    if (c->failure->suspect < 0 && tell(c, TOLD_MADE_BY, last_gate(c->r, made, numbers, count),
                                        "the last condition that could have refused it"))
        return true;
    return tell(c, TOLD_MADE_BY, made, "the status was chosen here");
}

static bool rule_status(struct case_ *c, long start, int got, const int *numbers, size_t count)
{
    struct sent sent;
    struct origin origin;
    if (start < 0 || !origin_of_sent(c->r, (size_t)start + 9, &sent, &origin))
        return false;
    struct origin made = origin;
    for (int i = 0; i < 3 && made.kind == ORIGIN_STATIC; i++) {
        struct origin next;
        if (!origin_of_pointer(c->r, &made, &next))
            break;
        made = next;
    }
    if (made.step == NOBODY)
        return tell_origin(c, &origin, "the status was chosen here");
    int32_t decided = latest_control(c->r, &made);
    bool refusal_expected = count > 0;
    for (size_t i = 0; i < count; i++)
        refusal_expected = refusal_expected && numbers[i] >= 400;
    if (got >= 400 && !refusal_expected)
        return tell_refusal(c, decided);
    if (got < 400 && refusal_expected)
        return tell_not_refused(c, made.step, numbers, count);
    return tell(c, TOLD_MADE_BY, made.step, "the status was chosen here");
}

// ---------------------------------------------------------------- bytes

// Is there more of the same before the piece that was copied?
static bool is_cut(const struct recording *r, const struct hop *hop)
{
    int32_t before = memory_writer(r, hop->step, hop->from - 1);
    int32_t first = memory_writer(r, hop->step, hop->from);
    return before != NOBODY && first != NOBODY &&
           (before == first || r->steps[before].ip == r->steps[first].ip);
}

static bool source_goes_on(const struct recording *r, int32_t step, uint64_t address, int expected)
{
    if (memory_writer(r, step, address) == NOBODY)
        return variable_at(r, address) != NULL;
    int byte = byte_before(r, step, address);
    return byte < 0 || byte == expected;
}

static bool tell_length(struct case_ *c, int32_t step, int argument)
{
    struct origin length;
    origin_of_register(c->r, step, argument_register(argument), &length);
    return length.step != NOBODY && tell(c, TOLD_MADE_BY, length.step, "the length was made here");
}

// Where a byte stood before a variable of its own held it on its way.
static uint64_t stood_at(const struct origin *origin, size_t i)
{
    uint64_t from = origin->hops[i].from;
    while (i + 1 < origin->hop_count && !origin->hops[i + 1].is_copy &&
           origin->hops[i + 1].to == from && origin->hops[i + 1].from != 0)
        from = origin->hops[++i].from;
    return from;
}

// The own store whose byte comes from another distance than the one before it.
static bool shifts(const struct recording *r, const struct origin *origin, size_t i)
{
    const struct hop *hop = &origin->hops[i];
    int32_t before = memory_writer(r, hop->step, hop->to - 1);
    if (hop->from == 0 || before == NOBODY || r->steps[before].ip != r->steps[hop->step].ip)
        return false;
    struct origin last;
    origin_of_byte(r, hop->step, hop->to - 1, &last);
    return last.hop_count == 0 || last.hops[0].from == 0 ||
           hop->to - 1 - stood_at(&last, 0) != hop->to - stood_at(origin, i);
}

static bool rule_different(struct case_ *c, size_t offset)
{
    struct recording *r = c->r;
    struct sent sent, previous;
    struct origin origin, pointer;
    if (!origin_of_sent(r, offset, &sent, &origin))
        return false;
    if (sent.index == 0 && offset > r->code.sent && find_sent(r, offset - 1, &previous) &&
        previous.start == sent.start && r->steps[previous.step].ip == r->steps[sent.step].ip)
        return tell(c, TOLD_MADE_BY, sent.step, "the same bytes were sent twice");
    for (size_t i = 0; i < origin.hop_count; i++) {
        const struct hop *hop = &origin.hops[i];
        if (!hop->is_copy && origin.kind == ORIGIN_INPUT && shifts(r, &origin, i))
            return tell(c, TOLD_MADE_BY, hop->step, "this line wrote the byte");
        if (!hop->is_copy || hop->here != hop->from || !is_cut(r, hop))
            continue;
        origin_of_register(r, hop->step, argument_register(1), &pointer);
        if (pointer.step != NOBODY)
            return tell(c, TOLD_MADE_BY, pointer.step, "where to copy from was made here");
    }
    if (origin.kind == ORIGIN_RESULT && is_number_reader(callee(r, origin.step))) {
        // A number of the request goes out as it came: who asked about it last?
        int32_t last = NOBODY;
        for (int32_t i = origin.step; i < sent.step; i++) {
            const struct instruction *insn = at(r, i);
            if (insn->operation != OP_COMPARE)
                continue;
            struct origin asked;
            for (int k = 0; k < REGISTERS; k++) {
                if (!(insn->reads >> k & 1) || k == insn->base || k == insn->index)
                    continue;
                origin_of_register(r, i, k, &asked);
                if (asked.kind == ORIGIN_RESULT && asked.step == origin.step)
                    last = i;
            }
        }
        if (last != NOBODY)
            return tell(c, TOLD_READ_BY, last, "the last condition that asked about the number");
    }
    return tell_origin(c, &origin, "the byte was made here");
}

static bool tell_truncated(struct case_ *c, const struct origin *origin, int next)
{
    struct recording *r = c->r;
    for (size_t i = 0; i < origin->hop_count; i++) {
        const struct hop *hop = &origin->hops[i];
        if (hop->is_copy && hop->here == hop->from + hop->size - 1 &&
            source_goes_on(r, hop->step, hop->here + 1, next) && tell_length(c, hop->step, 2))
            return true;
    }
    if (origin->kind == ORIGIN_INPUT && strncmp(callee(r, origin->step), "f", 1) != 0 &&
        origin->hop_count > 0) {
        int32_t last = origin->hops[origin->hop_count - 1].step;
        struct origin pointer;
        for (size_t i = 0; i < origin->hop_count; i++)
            if (origin->hops[i].is_copy) {
                origin_of_register(r, origin->hops[i].step, argument_register(1), &pointer);
                last = pointer.step != NOBODY ? pointer.step : origin->hops[i].step;
            }
        while (r->parent[last] != NOBODY && control_of(r, last) == NOBODY)
            last = r->parent[last];
        return tell(c, TOLD_MADE_BY, control_of(r, last), "this condition let no more follow");
    }
    return false;
}

// What was sent is right as far as it goes.
static bool rule_truncated(struct case_ *c, size_t offset, int next)
{
    struct sent sent;
    struct origin origin;
    if (offset == 0 || !origin_of_sent(c->r, offset - 1, &sent, &origin))
        return false;
    const struct recorded_call *call = call_at(c->r, sent.step);
    if (sent.address != 0 && sent.index + 1 == sent.size && call->arguments[2] == sent.size &&
        source_goes_on(c->r, sent.step, sent.address + 1, next) && next >= 0 &&
        memory_writer(c->r, sent.step, sent.address + 1) ==
            memory_writer(c->r, sent.step, sent.address) &&
        tell_length(c, sent.step, 2))
        return true;
    return tell_truncated(c, &origin, next) || tell_origin(c, &origin, "the last byte came here");
}

static bool rule_surplus(struct case_ *c, size_t offset)
{
    struct sent sent;
    struct origin origin;
    if (!origin_of_sent(c->r, offset, &sent, &origin))
        return false;
    if (sent.index == 0)
        return tell(c, TOLD_MADE_BY, without_helpers(c->r, sent.step), "this line sent it");
    for (size_t i = 0; i < origin.hop_count; i++) {
        const struct hop *hop = &origin.hops[i];
        if (hop->is_copy && hop->here == hop->from)
            return tell(c, TOLD_MADE_BY, without_helpers(c->r, hop->step), "this line added it");
        if (hop->is_copy && is_cut(c->r, hop) && tell_length(c, hop->step, 2))
            return true;
    }
    return tell_origin(c, &origin, "the byte was made here");
}

// Expected bytes of which none was sent, though the request has them: who looked at their line?
static bool rule_absent(struct case_ *c)
{
    const struct failure *failure = c->failure;
    if (failure->suspect >= 0)
        return tell_last_look(c, NOBODY, false, false);
    if (failure->expected.length < 4)
        return false;
    const unsigned char *found = memmem(failure->request.data, failure->request.length,
                                        failure->expected.data, failure->expected.length);
    if (found == NULL)
        return false;
    const unsigned char *start = found, *end = found;
    while (start > failure->request.data && start[-1] != '\n')
        start--;
    while (end < failure->request.data + failure->request.length && *end != '\r')
        end++;
    struct failure line = *failure;
    line.suspect = start - failure->request.data;
    line.suspect_length = end - start;
    struct case_ inner = *c;
    inner.failure = &line;
    return tell_last_look(&inner, NOBODY, false, false);
}

// ---------------------------------------------------------------- fields

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

// The last store of a value by a function that had ended when the value was used.
static int32_t store_before(const struct recording *r, const struct origin *value, int32_t use)
{
    for (size_t i = 0; i < value->hop_count; i++) {
        int32_t step = value->hops[i].step, parent = use;
        while (parent != NOBODY && r->parent[parent] != r->parent[step])
            parent = r->parent[parent];
        if (parent == NOBODY)
            return without_helpers(r, step);
    }
    return NOBODY;
}

// A field is missing: the latest choice of what the answer is.
static bool rule_missing_field(struct case_ *c, long start, size_t body)
{
    struct recording *r = c->r;
    struct sent sent;
    struct origin origin, pointer;
    int32_t last = NOBODY;
    if (start >= 0 && origin_of_sent(r, (size_t)start + 9, &sent, &origin))
        last = origin.step;
    if (origin_of_sent(r, body, &sent, &origin)) {
        last = later(last, without_helpers(r, origin.step == NOBODY ? last : origin.step));
        for (size_t i = 0; i < origin.hop_count; i++)
            if (origin.hops[i].is_copy) {
                origin_of_register(r, origin.hops[i].step, argument_register(1), &pointer);
                if (pointer.kind == ORIGIN_CONST && pointer.step != NOBODY)
                    last = later(last, pointer.step);
                last = later(last, store_before(r, &pointer, origin.hops[i].step));
                break;
            }
    }
    return tell(c, TOLD_MADE_BY, last, "here it was chosen what the answer is");
}

// A field that must not be there: the condition that an own function answered, else any.
static bool rule_unwanted_field(struct case_ *c, size_t offset)
{
    struct recording *r = c->r;
    struct sent sent;
    struct origin origin, pointer;
    if (!origin_of_sent(r, offset, &sent, &origin))
        return false;
    if (origin.kind == ORIGIN_STATIC && origin_of_pointer(r, &origin, &pointer))
        origin = pointer;
    int32_t step = origin.step;
    for (int i = 0; i < 32 && step != NOBODY; i++) {
        int32_t jump = control_of(r, step);
        if (jump == NOBODY) {
            step = r->parent[step];
            continue;
        }
        struct origin asked;
        int32_t compare;
        if (origin_of_condition(r, jump, &compare, &asked) && asked.step != NOBODY &&
            asked.kind == ORIGIN_COMPUTED && r->parent[asked.step] != r->parent[jump] &&
            r->parent[asked.step] > r->parent[jump])
            return tell(c, TOLD_MADE_BY, asked.step, "this answer led to it");
        step = jump;
    }
    return tell(c, TOLD_MADE_BY, origin.step, "the field was made here");
}

// ---------------------------------------------------------------- files, ends

static bool rule_file(struct case_ *c)
{
    struct recording *r = c->r;
    const struct failure *failure = c->failure;
    size_t same = 0, position = 0;
    while (same < failure->expected.length && same < failure->actual.length &&
           failure->expected.data[same] == failure->actual.data[same])
        same++;
    size_t wanted = same < failure->actual.length || same == 0 ? same : same - 1;
    int32_t found = NOBODY;
    uint64_t address = 0, index = 0, total = 0;
    for (int32_t i = 0; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        const char *name = callee(r, i);
        if (call == NULL)
            continue;
        if (strcmp(name, "fopen") == 0 || strcmp(name, "open") == 0 || strncmp(name, "mk", 2) == 0)
            position = 0;
        bool is_stream = strcmp(name, "fwrite") == 0;
        bool is_file = strcmp(name, "write") == 0 && (int)call->arguments[0] > 2 &&
                       (int64_t)(int)call->arguments[0] != r->code.descriptor;
        if (!is_stream && !is_file)
            continue;
        uint64_t size = is_stream ? call->arguments[1] * call->arguments[2] : call->arguments[2];
        if (wanted >= position && wanted < position + size) {
            found = i;
            index = wanted - position;
            address = call->arguments[is_stream ? 0 : 1] + index;
            total = size;
        }
        position += size;
    }
    if (found == NOBODY)
        return false;
    struct origin origin;
    origin_of_byte(r, found, address, &origin);
    if (same < failure->actual.length)
        return tell_origin(c, &origin, "the byte was made here");
    int next = same < failure->expected.length ? failure->expected.data[same] : -1;
    bool is_stream = callee(r, found)[0] == 'f';
    int length = is_stream && call_at(r, found)->arguments[2] == 1 ? 1 : 2;
    if (index + 1 == total && byte_before(r, found, address + 1) == next && next >= 0) {
        struct origin made;
        origin_of_register(r, found, argument_register(length), &made);
        // A NUL stands behind most texts: it is a byte of the file only if the rest follows too.
        if (made.kind == ORIGIN_RESULT || next != 0)
            return tell_length(c, found, length);
    }
    return tell_truncated(c, &origin, next) || tell_origin(c, &origin, "the last byte came here");
}

static bool rule_closed(struct case_ *c, bool cut_short)
{
    struct recording *r = c->r;
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
            if (said.step > sent && tell(c, TOLD_MADE_BY, said.step, "sending ended here"))
                return true;
            break;
        }
        return tell(c, TOLD_MADE_BY, sent, "this call sent last");
    }
    if (closed == NOBODY)
        return false;
    int32_t step = closed;
    while (control_of(r, step) == NOBODY && r->parent[step] != NOBODY)
        step = r->parent[step];
    int32_t control = control_of(r, step);
    return tell(c, TOLD_CLOSED_BY, control != NOBODY && step == closed ? control : step,
                "it was closed here");
}

// A pointer that leads nowhere: where it came from.
static bool rule_crash(struct case_ *c)
{
    struct recording *r = c->r;
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
                return tell(c, TOLD_MADE_BY, without_helpers(r, origin.step),
                            "the address that leads nowhere came from here");
        }
    }
    const struct instruction *insn = at(r, last);
    if ((insn->loads || insn->stores) && insn->base >= 0 && insn->base != REGISTER_BP) {
        origin_of_register(r, last, insn->base, &origin);
        return tell(c, TOLD_MADE_BY, origin.step, "the address that leads nowhere came from here");
    }
    return false;
}

// A time limit that is not the one that was asked for: where it was made.
static bool rule_time_limit(struct case_ *c)
{
    struct recording *r = c->r;
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || call->has_returned || strcmp(callee(r, i), "poll") != 0)
            continue;
        struct origin limit;
        origin_of_register(r, i, argument_register(2), &limit);
        // What is left until a moment: the moment was made earlier.
        for (int k = 0; k < 4 && limit.kind == ORIGIN_COMPUTED && at(r, limit.step)->subtracts &&
                        at(r, limit.step)->destination >= 0;
             k++) {
            struct origin next;
            origin_of_register(r, limit.step, at(r, limit.step)->destination, &next);
            limit = next;
        }
        return limit.step != NOBODY &&
               tell(c, TOLD_MADE_BY, limit.step, "the time for which it waits was made here");
    }
    return false;
}

// It waits for more: what made it think so?
static bool rule_waits(struct case_ *c)
{
    struct recording *r = c->r;
    int32_t waits = NOBODY;
    for (int32_t i = 0; i < (int32_t)r->step_count; i++)
        if (call_at(r, i) != NULL && !call_at(r, i)->has_returned &&
            strcmp(callee(r, i), "accept") != 0)
            waits = i;
    if (waits == NOBODY)
        return false;
    int32_t jump = control_above(r, waits);
    struct origin origin;
    int32_t compare;
    if (jump != NOBODY && origin_of_condition(r, jump, &compare, &origin)) {
        int32_t store = origin.hop_count > 0 ? origin.hops[0].step : origin.step;
        if (store != NOBODY && r->parent[store] != r->parent[jump])
            return tell(c, TOLD_MADE_BY, store, "what made it wait was set here");
    }
    return tell(c, TOLD_MADE_BY, without_helpers(r, waits), "it waits here");
}

// ---------------------------------------------------------------- all

static bool starts_with(const struct bytes *whole, const struct bytes *start)
{
    return start->length <= whole->length && memcmp(whole->data, start->data, start->length) == 0;
}

// What is missing was sent, behind the end that the head names: the number in the head is wrong.
static bool rule_length_field(struct case_ *c, size_t offset, long start, int next)
{
    static const char name[] = "content-length: ";
    const struct bytes *reply = &c->failure->reply;
    size_t sent = c->r->code.sent, length = sizeof name - 1;
    if (start < 0 || offset - sent >= reply->length || reply->data[offset - sent] != next)
        return false;
    for (size_t i = (size_t)start - sent; i + length < offset - sent; i++)
        if (strncasecmp((const char *)reply->data + i, name, length) == 0)
            return rule_different(c, sent + i + length);
    return false;
}

static bool decide_body(struct case_ *c, size_t offset, long start, int got)
{
    const struct failure *failure = c->failure;
    if (got >= 400)
        return rule_status(c, start, got, NULL, 0);
    if (failure->actual.length == 0)
        return rule_absent(c) || rule_truncated(c, offset, failure->expected.data[0]);
    if (starts_with(&failure->expected, &failure->actual) &&
        rule_length_field(c, offset, start, failure->expected.data[failure->actual.length]))
        return true;
    if (starts_with(&failure->expected, &failure->actual))
        return rule_truncated(c, offset, failure->expected.data[failure->actual.length]);
    if (starts_with(&failure->actual, &failure->expected))
        return rule_surplus(c, offset);
    return rule_different(c, offset);
}

static bool decide_offset(struct case_ *c)
{
    const struct failure *failure = c->failure;
    size_t offset = (size_t)failure->offset;
    size_t sent = c->r->code.sent;
    long start = answer_start(failure, sent, offset);
    int got = status_at(c->r, failure, start);
    int numbers[8];
    size_t count = failure->has_expected ? numbers_in(&failure->expected, numbers) : 0;
    if (start >= 0 && offset >= (size_t)start + 9 && offset < (size_t)start + 12 && count > 0)
        return rule_status(c, start, got, numbers, count);
    const unsigned char *head_end =
        start < 0 ? NULL
                  : memmem(failure->reply.data + ((size_t)start - sent),
                           failure->reply.length - ((size_t)start - sent), "\r\n\r\n", 4);
    // Without a head, all is body.
    size_t body = start < 0          ? 0
                  : head_end == NULL ? SIZE_MAX
                                     : sent + (size_t)(head_end - failure->reply.data) + 4;
    if (start >= 0 && failure->has_expected && !failure->has_actual && offset >= body - 2)
        return rule_missing_field(c, start, body);
    if (!failure->has_expected && failure->has_actual && offset < body && body != SIZE_MAX &&
        offset < sent + failure->reply.length)
        return rule_unwanted_field(c, offset);
    if (strstr(failure->message, "closed") != NULL || strstr(failure->message, "reset") != NULL)
        return rule_closed(c, offset > sent && start >= 0);
    if (!failure->has_expected && offset >= body && offset < sent + failure->reply.length)
        return strstr(failure->message, "contains") != NULL
                   ? tell_last_look(c, NOBODY, false, false) || rule_different(c, offset)
                   : rule_surplus(c, offset);
    if (offset >= sent + failure->reply.length && !failure->has_expected)
        return rule_truncated(c, sent + failure->reply.length, -1);
    if (offset >= body && failure->has_expected)
        return decide_body(c, offset, start, got);
    if (offset < sent + failure->reply.length)
        return rule_different(c, offset);
    return rule_truncated(c, offset, -1);
}

static bool is_line_end(const struct failure *failure)
{
    if (failure->suspect < 0 ||
        (size_t)(failure->suspect + failure->suspect_length) > failure->request.length)
        return false;
    for (long i = 0; i < failure->suspect_length; i++)
        if (strchr("\r\n", failure->request.data[failure->suspect + i]) == NULL)
            return false;
    return true;
}

void decide(struct recording *r, const struct failure *failure, struct told *out)
{
    struct failure copy = *failure;
    // The end of the head is where something was missed, and nothing to look at.
    if (is_line_end(failure))
        copy.suspect = -1;
    failure = &copy;
    struct case_ c = {r, failure, out};
    *out = (struct told){.kind = TOLD_NONE, .step = NOBODY};
    bool stuck = strcmp(failure->state, "stuck") == 0;
    if (strcmp(failure->state, "signalled") == 0)
        rule_crash(&c);
    else if (failure->offset >= 0)
        decide_offset(&c);
    else if (failure->waits && stuck && rule_time_limit(&c))
        return;
    else if (stuck && !tell_last_look(&c, NOBODY, false, false))
        rule_waits(&c);
    else if (!stuck && failure->has_expected && failure->has_actual)
        rule_file(&c);
    else if (!stuck && failure->reply.length > 0 && r->code.sent == 0) {
        struct sent sent;
        struct origin origin;
        if (origin_of_sent(r, 0, &sent, &origin))
            tell_origin(&c, &origin, "the byte was made here");
    }
}
