// SPDX-License-Identifier: MIT
// Who looked at the bytes of the request that matter.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "trace/origin/inquiry.h"

int32_t who_ignored(struct recording *r, int32_t look, bool only_no)
{
    int32_t end = look, parent = r->parent[look];
    struct origin said;
    while (end != NOBODY && !(r->parent[end] == parent && at(r, end)->operation == OP_RETURN))
        end = r->next[end];
    if (end == NOBODY || parent == NOBODY)
        return look;
    origin_of_register(r, end, REGISTER_A, &said);
    bool said_at_once = said.step > look && said.kind == ORIGIN_CONST;
    if (only_no && said_at_once && said.number != 0)
        return look;
    int32_t control = said_at_once ? control_of(r, said.step) : NOBODY;
    return control != NOBODY && line_of(r, control) == line_of(r, look) ? parent : look;
}

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

// Is this a call of atoi(), strtoul() and the like?
static bool makes_number(const struct recording *r, int32_t step)
{
    const char *name = callee(r, step);
    return strncmp(name, "ato", 3) == 0 || strstr(name, "strto") != NULL ||
           strstr(name, "scanf") != NULL;
}

// Who reads a line for others says nothing of it.
int32_t without_readers(struct recording *r, int32_t step)
{
    while (step != NOBODY && r->parent[step] != NOBODY) {
        int function = at(r, step)->function;
        if (function == NOBODY || r->functions[function].call_sites < 2 ||
            !function_reaches(r, function, &calls_to_read))
            break;
        step = r->parent[step];
    }
    return step;
}

// What was made a number is none, or none that can be counted with.
static bool makes_no_number(const struct recording *r, int32_t step)
{
    enum { DIGITS_MOST = 15 };
    const struct recorded_call *call = call_at(r, step);
    size_t length = strnlen((const char *)call->before[0], call->before_length[0]), digits = 0;
    while (digits < length && isxdigit(call->before[0][digits]))
        digits++;
    bool is_followed = digits < length && strchr(" \t\r\n", call->before[0][digits]) == NULL;
    return is_followed || digits == 0 || digits > DIGITS_MOST;
}

// `ignored`: it had to be refused; else it had to be understood.
bool tell_last_look(struct inquiry *inquiry, int32_t end, bool only_matched, bool ignored)
{
    const struct failure *failure = inquiry->failure;
    if (failure->suspect < 0)
        return false;
    struct look *looks;
    size_t offset = (size_t)failure->suspect, length = (size_t)failure->suspect_length;
    if (only_matched)
        widen_to_word(&failure->request, &offset, &length);
    size_t count = looks_at(inquiry->r, (int)inquiry->r->code.descriptor, inquiry->r->code.received,
                            offset, length, &looks);
    int32_t last = NOBODY, gate = NOBODY, matched = NOBODY, asked = NOBODY;
    bool counted = false;
    for (size_t i = 0; i < count; i++) {
        if (end != NOBODY && looks[i].step >= end)
            continue;
        if (looks[i].byte && failure->was_run && looks[i].passed && last != NOBODY)
            continue;
        counted = counted || (looks[i].byte && makes_number(inquiry->r, looks[i].step));
        if (looks[i].byte) {
            last = looks[i].step;
            gate = asked = NOBODY;
            if (looks[i].matched)
                matched = last;
        }
        if (at(inquiry->r, looks[i].step)->operation == OP_JUMP && !looks[i].byte &&
            line_refuses(inquiry->r, looks[i].step))
            gate = looks[i].step;
        if (at(inquiry->r, looks[i].step)->operation == OP_JUMP && !looks[i].byte)
            asked = looks[i].step;
    }
    // A client makes a number of them first, and decides by that, unless they are none.
    counted = counted || (last != NOBODY && !ignored && call_at(inquiry->r, last) == NULL &&
                          without_helpers(inquiry->r, last) != last);
    if (failure->was_run && asked != NOBODY && counted &&
        !(ignored && makes_number(inquiry->r, last) && makes_no_number(inquiry->r, last)))
        last = asked;
    if (failure->was_run && last != NOBODY)
        last = without_readers(inquiry->r, last);
    free(looks);
    if (only_matched)
        return tell(inquiry, TOLD_READ_BY, matched, "this comparison found the marked bytes equal");
    // A program that waits asked for what it had made of them.
    struct decision decision;
    if (failure->was_run && asked != NOBODY && last == asked &&
        strcmp(failure->state, "stuck") == 0) {
        decision_follow_one(inquiry->r, asked, 0, &decision);
        if (decision.told != asked)
            return tell(inquiry, TOLD_READ_BY, decision.told,
                        "the last condition that depended on the marked bytes was decided here");
    }
    return tell(inquiry, TOLD_READ_BY, gate,
                "the last condition that depended on the marked bytes") ||
           tell(inquiry, TOLD_READ_BY,
                last == NOBODY || !ignored ? last : who_ignored(inquiry->r, last, false),
                "the last line that looked at the marked bytes");
}

// Did this condition ask about the bytes, or about a number that came from them?
bool asks_about_suspect(struct inquiry *inquiry, int32_t jump)
{
    const struct failure *failure = inquiry->failure;
    struct look *looks;
    bool asks = false;
    if (failure->suspect < 0)
        return false;
    size_t count = looks_at(inquiry->r, (int)inquiry->r->code.descriptor, inquiry->r->code.received,
                            (size_t)failure->suspect, (size_t)failure->suspect_length, &looks);
    for (size_t i = 0; i < count; i++)
        asks = asks || looks[i].step == jump;
    free(looks);
    return asks;
}

// Expected bytes of which none was sent, though the request has them: who looked at their line?
bool rule_absent(struct inquiry *inquiry)
{
    const struct failure *failure = inquiry->failure;
    if (failure->suspect >= 0)
        return tell_last_look(inquiry, NOBODY, false, false);
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
    struct inquiry inner = *inquiry;
    inner.failure = &line;
    if (!tell_last_look(&inner, NOBODY, false, false))
        return false;
    inner.out->note = "what is missing came in a line of the request that was last looked at here";
    return true;
}
