// SPDX-License-Identifier: MIT
// What is told: a step, or the line of a constant.
#include "trace/origin/inquiry.h"

static bool is_helper(const struct recording *r, int32_t step)
{
    int function = at(r, step)->function;
    return function != NOBODY && r->functions[function].call_sites > 1;
}

// The innermost line that no function which is called from several places stands around.
int32_t without_helpers(const struct recording *r, int32_t step)
{
    while (step != NOBODY && is_helper(r, step) && r->parent[step] != NOBODY)
        step = r->parent[step];
    return step;
}

int32_t without_shared(const struct recording *r, int32_t step)
{
    enum { FRAMES_MOST = 3 };
    int32_t outside = step;
    for (int i = 0; i < FRAMES_MOST && step != NOBODY && r->parent[step] != NOBODY;
         i++, step = r->parent[step])
        if (at(r, step)->function != NOBODY && r->functions[at(r, step)->function].is_shared)
            outside = r->parent[step];
    return outside;
}

bool tell(struct inquiry *inquiry, enum told_kind kind, int32_t step, const char *note)
{
    if (step == NOBODY || line_of(inquiry->r, step) == 0)
        return false;
    const bool before_crash = inquiry->out->before_crash;
    *inquiry->out = (struct told){.kind = kind,
                                  .step = step,
                                  .line = line_of(inquiry->r, step),
                                  .file = at(inquiry->r, step)->file,
                                  .note = note,
                                  .before_crash = before_crash};
    return true;
}

// The compiler gives a call one line, however many its arguments take: for which of them was it?
static void tell_argument(struct inquiry *inquiry, const struct origin *origin)
{
    const struct recording *r = inquiry->r;
    struct told *out = inquiry->out;
    int32_t call = origin->argument_step;
    if (call == NOBODY || out->step == NOBODY || r->parent[call] != r->parent[out->step] ||
        line_of(r, call) != out->line)
        return;
    out->call = callee(r, call);
    out->argument = origin->argument;
}

// The line where a byte or number was made; constants without a name are where they are used.
bool tell_origin(struct inquiry *inquiry, const struct origin *origin, const char *note)
{
    struct origin pointer = *origin;
    for (int i = 0; i < 4 && pointer.kind == ORIGIN_STATIC; i++) {
        const struct variable *variable = variable_at(inquiry->r, pointer.address);
        if (variable != NULL && pointer.step == NOBODY && variable->size > 8) {
            *inquiry->out = (struct told){.kind = TOLD_MADE_BY,
                                          .step = NOBODY,
                                          .line = variable->line,
                                          .file = variable->file};
            return true;
        }
        struct origin next;
        if (!origin_of_pointer(inquiry->r, &pointer, &next))
            return false;
        pointer = next;
    }
    int32_t step = pointer.step;
    if (pointer.kind == ORIGIN_INPUT || pointer.kind == ORIGIN_WRITTEN ||
        pointer.kind == ORIGIN_RESULT)
        step = without_helpers(inquiry->r, step);
    if (step == NOBODY || !tell(inquiry, TOLD_MADE_BY, step, note))
        return false;
    tell_argument(inquiry, origin);
    return true;
}

// A number, and its name when an enumeration gives it one.
bool tell_number(struct inquiry *inquiry, const struct origin *origin, const char *note)
{
    if (!tell(inquiry, TOLD_MADE_BY, origin->step, note))
        return false;
    inquiry->out->name = name_of_number(inquiry->r, origin->number);
    return true;
}

bool tell_length(struct inquiry *inquiry, int32_t step, int argument)
{
    struct origin length;
    origin_of_register(inquiry->r, step, argument_register(argument), &length);
    return length.step != NOBODY &&
           tell(inquiry, TOLD_MADE_BY, length.step, "how much was copied or sent comes from here");
}
