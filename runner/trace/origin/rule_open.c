// SPDX-License-Identifier: MIT
/*
 * Descriptors that stay open. One that nobody closed and that stands in no variable any more is
 * lost: the line at which its last copy went is told. Copies are found by following what accept()
 * returned, through stores and copies of the library.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/origin/inquiry.h"

enum {
    COPIES_MOST = 64,
    TRIED_MOST = 16,          // descriptors, of those that were never closed
    STACK_MOST = 1024 * 1024, // bytes of a thread's stack below its end
    POLLED_SIZE = 8           // of a struct pollfd
};

struct copy {
    uint64_t address;
    int32_t lost; // the step, NOBODY: it is still there
};
struct copies {
    const struct recording *r;
    int32_t accepted; // the step that returned the descriptor
    int descriptor;
    struct copy items[COPIES_MOST];
    size_t count;
};

static bool is_accept(const char *name)
{
    return strncmp(name, "accept", 6) == 0;
}

static void add_copy(struct copies *copies, uint64_t address)
{
    for (size_t i = 0; i < copies->count; i++)
        if (copies->items[i].address == address) {
            copies->items[i].lost = NOBODY;
            return;
        }
    if (copies->count < COPIES_MOST)
        copies->items[copies->count++] = (struct copy){address, NOBODY};
}

// What stood from `address` on is gone at this step.
static void lose(struct copies *copies, uint64_t address, uint64_t size, int32_t step)
{
    for (size_t i = 0; i < copies->count; i++)
        if (copies->items[i].lost == NOBODY && copies->items[i].address - address < size)
            copies->items[i].lost = step;
}

// A thread that was made with the descriptor for its argument.
static bool is_given(const struct copies *copies, uint32_t thread)
{
    const struct recording *r = copies->r;
    if (thread == r->steps[copies->accepted].thread || is_forked(r, thread))
        return false;
    for (int32_t i = r->next[copies->accepted]; i != NOBODY; i = r->next[i])
        if (strcmp(callee(r, i), "pthread_create") == 0 &&
            (int32_t)call_at(r, i)->arguments[3] == copies->descriptor)
            return true;
    return false;
}

// The variable into which accept() is about to put the next client's: what it holds is of no use.
static bool is_landing(const struct copies *copies, uint64_t address, int32_t *again)
{
    const struct recording *r = copies->r;
    int32_t i = r->next[copies->accepted];
    for (int k = 0; k < 4 && i != NOBODY; k++, i = r->next[i])
        if (at(r, i)->stores && r->steps[i].call == 0 && memory_address(r, i) == address)
            break;
    if (i == NOBODY || !at(r, i)->stores || memory_address(r, i) != address)
        return false;
    for (; i != NOBODY; i = r->next[i])
        if (r->steps[i].ip == r->steps[copies->accepted].ip &&
            r->parent[i] == r->parent[copies->accepted]) {
            *again = i;
            return true;
        }
    return false;
}

// The last line before the next accept() that stands behind it: there it could have been closed.
static int32_t end_of_turn(const struct recording *r, int32_t again)
{
    for (int32_t i = r->previous[again]; i != NOBODY && i != r->parent[again]; i = r->previous[i])
        if (r->parent[i] == r->parent[again] && line_of(r, i) > line_of(r, again))
            return i;
    return again;
}

// A store of the descriptor's number: of that descriptor, or of a number that is the same?
static bool stores_it(const struct copies *copies, int32_t step)
{
    const struct recording *r = copies->r;
    const struct instruction *insn = at(r, step);
    struct origin origin;
    if (insn->operation != OP_MOVE || insn->source < 0 || insn->source >= REGISTERS ||
        insn->memory_size < 4 ||
        (int32_t)r->steps[step].registers[insn->source] != copies->descriptor)
        return false;
    origin_of_register(r, step, insn->source, &origin);
    return (origin.kind == ORIGIN_RESULT && origin.step == copies->accepted) ||
           (origin.step == NOBODY && is_given(copies, r->steps[step].thread));
}

// How many bytes were allocated at an address that a call returned before `step`.
static uint64_t allocated(const struct recording *r, int32_t step, uint64_t address)
{
    for (int32_t i = step - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || !call->has_returned || call->result != address)
            continue;
        if (strcmp(callee(r, i), "malloc") == 0)
            return call->arguments[0];
        if (strcmp(callee(r, i), "calloc") == 0)
            return call->arguments[0] * call->arguments[1];
        if (strcmp(callee(r, i), "realloc") == 0)
            return call->arguments[1];
    }
    return 1;
}

static void pass_library(struct copies *copies, int32_t step)
{
    const struct recorded_call *call = call_at(copies->r, step);
    struct written written[WRITTEN_MOST];
    size_t count = call_writes(copies->r, step, written);
    if (strcmp(callee(copies->r, step), "free") == 0) {
        lose(copies, call->arguments[0], allocated(copies->r, step, call->arguments[0]), step);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t known = copies->count;
        bool moved[COPIES_MOST] = {false};
        for (size_t k = 0; k < known; k++)
            moved[k] = written[i].effect == EFFECT_COPY && copies->items[k].lost == NOBODY &&
                       copies->items[k].address - written[i].from < written[i].size;
        lose(copies, written[i].address, written[i].size, step);
        for (size_t k = 0; k < known; k++)
            if (moved[k])
                add_copy(copies, written[i].address + (copies->items[k].address - written[i].from));
    }
}

static void pass(struct copies *copies, int32_t step)
{
    const struct recording *r = copies->r;
    const struct instruction *insn = at(r, step);
    uint64_t stack = r->steps[step].registers[REGISTER_SP];
    if (r->steps[step].call != 0) {
        pass_library(copies, step);
    } else if (insn->operation == OP_RETURN) {
        lose(copies, stack - STACK_MOST, STACK_MOST + 8, step);
    } else if (insn->stores && insn->operation != OP_CALL) {
        uint64_t address = memory_address(r, step);
        if (stores_it(copies, step))
            add_copy(copies, address);
        else
            lose(copies, address, insn->memory_size, step);
    }
}

// What another process does with its copy is its own.
static bool is_forked_from(const struct recording *r, int32_t accepted, int32_t step)
{
    return r->steps[step].thread != r->steps[accepted].thread &&
           is_forked(r, r->steps[step].thread);
}

// It was closed, or is somebody else's to close.
static bool is_closed(const struct recording *r, int32_t accepted, int descriptor)
{
    for (int32_t i = accepted + 1; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || is_forked_from(r, accepted, i))
            continue;
        const char *name = callee(r, i);
        bool about = (int)call->arguments[0] == descriptor;
        if ((about && (strcmp(name, "close") == 0 || strcmp(name, "fdopen") == 0)) ||
            strcmp(name, "close_range") == 0)
            return true;
    }
    return false;
}

static bool is_set_call(const struct recording *r, int32_t step)
{
    return strcmp(callee(r, step), "poll") == 0 || strcmp(callee(r, step), "ppoll") == 0;
}

enum place {
    IN_MEMORY, // in a variable or block of the program's
    IN_SET,    // in what poll() is asked about
    LEFT_OVER  // in what it was asked about before, behind the present end
};

static enum place place_of(const struct recording *r, uint64_t address)
{
    enum place place = IN_MEMORY;
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || !is_set_call(r, i))
            continue;
        bool holds = address - call->arguments[0] < call->arguments[1] * POLLED_SIZE;
        if (holds)
            return place == IN_MEMORY ? IN_SET : LEFT_OVER;
        place = LEFT_OVER;
    }
    return IN_MEMORY;
}

// A set that poll() is asked about may be all the program knows of its clients. Where it was made
// to end before the copy; NOBODY.
static int32_t left_out_at(const struct recording *r, const struct copies *copies, uint64_t address)
{
    bool was_in = false;
    for (int32_t i = copies->accepted; i < (int32_t)r->step_count; i++) {
        if (!is_set_call(r, i))
            continue;
        const struct recorded_call *call = call_at(r, i);
        struct origin count;
        bool is_in = address - call->arguments[0] < call->arguments[1] * POLLED_SIZE;
        was_in = was_in || is_in;
        if (!was_in || is_in)
            continue;
        origin_of_register(r, i, argument_register(1), &count);
        return count.step > copies->accepted ? count.step : NOBODY;
    }
    return NOBODY;
}

static bool is_on_stack(const struct recording *r, const struct copy *copy)
{
    return copy->address - (r->steps[copy->lost].registers[REGISTER_SP] - STACK_MOST) <
           2 * (uint64_t)STACK_MOST;
}

// Where the last copy was lost; NOBODY: there is one, or it was closed.
static int32_t lost_at(const struct recording *r, int32_t accepted)
{
    struct copies copies = {.r = r, .accepted = accepted};
    copies.descriptor = (int)call_at(r, accepted)->result;
    if (is_closed(r, accepted, copies.descriptor))
        return NOBODY;
    for (int32_t i = accepted + 1; i < (int32_t)r->step_count; i++)
        if (!is_forked_from(r, accepted, i))
            pass(&copies, i);
    int32_t last = NOBODY, temporary = NOBODY;
    for (size_t i = 0; i < copies.count; i++) {
        struct copy *copy = &copies.items[i];
        int32_t again;
        if (copy->lost == NOBODY && is_landing(&copies, copy->address, &again))
            copy->lost = end_of_turn(r, again);
        enum place place = place_of(r, copy->address);
        if (copy->lost == NOBODY && place != LEFT_OVER)
            return NOBODY;
        bool ends = copy->lost != NOBODY && (place != IN_MEMORY || is_on_stack(r, copy));
        int32_t left_out = place != IN_MEMORY ? left_out_at(r, &copies, copy->address) : NOBODY;
        int32_t lost = left_out != NOBODY ? left_out : copy->lost;
        if (ends)
            temporary = lost > temporary ? lost : temporary;
        else
            last = copy->lost > last ? copy->lost : last;
    }
    return last != NOBODY ? last : temporary;
}

static bool tell_lost(struct inquiry *inquiry, int32_t lost)
{
    return tell(inquiry, TOLD_MADE_BY, lost,
                "the number of a client's socket stood here last, and nobody has closed it");
}

bool rule_leak(struct inquiry *inquiry)
{
    const struct recording *r = inquiry->r;
    int tried = 0;
    for (int32_t i = 0; i < (int32_t)r->step_count && tried < TRIED_MOST; i++) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || !is_accept(callee(r, i)) || !call->has_returned ||
            (int32_t)call->result < 0)
            continue;
        tried++;
        if (tell_lost(inquiry, lost_at(r, i)))
            return true;
    }
    return false;
}

// ---------------------------------------------------------------- a connection that stays open

static int32_t accept_of_connection(const struct recording *r)
{
    for (int32_t i = (int32_t)r->code.before; i >= 0; i--) {
        const struct recorded_call *call = i < (int32_t)r->step_count ? call_at(r, i) : NULL;
        if (call != NULL && is_accept(callee(r, i)) && call->has_returned &&
            (int64_t)(int32_t)call->result == r->code.descriptor)
            return i;
    }
    return NOBODY;
}

static bool tell_end_of_input(struct inquiry *inquiry)
{
    const struct recording *r = inquiry->r;
    int32_t end = NOBODY, last = NOBODY;
    for (int32_t i = (int32_t)r->code.before; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        bool reads = strncmp(callee(r, i), "recv", 4) == 0 || strcmp(callee(r, i), "read") == 0;
        if (reads && call->has_returned && (int64_t)call->result == 0 &&
            (int64_t)(int)call->arguments[0] == r->code.descriptor)
            end = i;
    }
    if (end == NOBODY)
        return false;
    struct look *looks;
    size_t count = looks_at_result(r, end, &looks);
    for (size_t i = 0; i < count; i++)
        last = looks[i].step;
    free(looks);
    return tell(inquiry, TOLD_READ_BY, last,
                "recv() had said that the client sends no more; this line asked about it last") ||
           tell(inquiry, TOLD_READ_BY, end,
                "this call said that the client sends no more, and nothing asked about it");
}

bool rule_stays_open(struct inquiry *inquiry)
{
    int32_t accepted = accept_of_connection(inquiry->r);
    if (accepted != NOBODY && tell_lost(inquiry, lost_at(inquiry->r, accepted)))
        return true;
    return tell_end_of_input(inquiry);
}
