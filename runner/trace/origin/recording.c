// SPDX-License-Identifier: MIT
// Reads a recording, and answers what its steps are.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "trace/origin/origin.h"

// ---------------------------------------------------------------- the file

enum { READ_AT_ONCE = 1 << 20, FILE_MOST = 128 * 1024 * 1024 };
_Static_assert(RECORDING_STEPS_MOST * sizeof(struct recorded_step) +
                       RECORDING_CALLS_MOST * sizeof(struct recorded_call) + 4096 <=
                   FILE_MOST,
               "a recording is read whole");
enum { CODE_MOST = 16 * 1024 * 1024 };

static bool read_all(int file, struct str *out)
{
    ssize_t got = 1;
    while (got > 0 && out->length < FILE_MOST) {
        char *end = str_reserve(out, READ_AT_ONCE);
        got = read(file, end, READ_AT_ONCE);
        out->length += got > 0 ? (size_t)got : 0;
    }
    return got == 0;
}

static bool take_records(struct recording *r, const char *data, size_t size)
{
    struct recording_head head;
    for (size_t done = 0; size - done >= sizeof head; done += head.size) {
        memcpy(&head, data + done, sizeof head);
        done += sizeof head;
        if (head.magic != RECORDING_MAGIC || head.size > size - done)
            return false;
        const char *body = data + done;
        if (head.kind == RECORDING_CODE && head.size == sizeof r->code) {
            memcpy(&r->code, body, sizeof r->code);
        } else if (head.kind == RECORDING_STEPS && r->steps == NULL) {
            r->step_count = head.size / sizeof *r->steps;
            r->steps = mem_alloc(head.size + 1);
            memcpy(r->steps, body, r->step_count * sizeof *r->steps);
        } else if (head.kind == RECORDING_CALLS && r->calls == NULL) {
            r->call_count = head.size / sizeof *r->calls;
            r->calls = mem_alloc(head.size + 1);
            memcpy(r->calls, body, r->call_count * sizeof *r->calls);
        } else if (head.kind == RECORDING_END) {
            return r->steps != NULL && r->calls != NULL;
        }
    }
    return false;
}

static bool is_call_sane(const struct recorded_call *call)
{
    for (int i = 0; i < RECORDING_POINTERS; i++)
        if (call->before_length[i] > RECORDING_SHOWN || call->after_length[i] > RECORDING_SHOWN)
            return false;
    return true;
}

// From here on numbers of steps, calls and threads, and lengths of what is shown, are in bounds.
// Addresses, registers and sizes may be anything.
static bool is_sane(const struct recording *r)
{
    if (r->step_count == 0 || r->step_count > RECORDING_STEPS_MOST ||
        r->call_count > RECORDING_CALLS_MOST || r->code.end <= r->code.start ||
        r->code.end - r->code.start > CODE_MOST)
        return false;
    for (size_t i = 0; i < r->step_count; i++)
        if (r->steps[i].ip < r->code.start || r->steps[i].ip >= r->code.end ||
            r->steps[i].call > r->call_count || r->steps[i].thread > RECORDING_THREADS_MOST)
            return false;
    for (size_t i = 0; i < r->call_count; i++)
        if (!is_call_sane(&r->calls[i]))
            return false;
    return true;
}

static void count_call_sites(struct recording *r)
{
    for (uint64_t i = 0; i < r->code.end - r->code.start; i++) {
        const struct instruction *insn = r->decoded[i];
        if (insn == NULL || insn->operation != OP_CALL || !insn->has_immediate)
            continue;
        for (size_t k = 0; k < r->function_count; k++)
            if (r->functions[k].start == (uint64_t)insn->immediate)
                r->functions[k].call_sites++;
    }
}

// ---------------------------------------------------------------- the order of steps

enum { DEPTH_MOST = 4096 };
struct stack {
    int32_t calls[DEPTH_MOST];
    size_t depth; // may be more
    int32_t last;
};

// What `last` did to the calls that its thread is in.
static void pass(const struct recording *r, struct stack *stack)
{
    const struct instruction *insn = at(r, stack->last);
    if (insn->operation == OP_CALL && r->steps[stack->last].call == 0) {
        if (stack->depth < DEPTH_MOST)
            stack->calls[stack->depth] = stack->last;
        stack->depth++;
    } else if (insn->operation == OP_RETURN && stack->depth > 0) {
        stack->depth--;
    }
}

static void link_steps(struct recording *r)
{
    auto_free struct stack *stacks = mem_alloc_array(RECORDING_THREADS_MOST + 1, sizeof *stacks);
    r->previous = mem_alloc_array(r->step_count, sizeof *r->previous);
    r->next = mem_alloc_array(r->step_count, sizeof *r->next);
    r->parent = mem_alloc_array(r->step_count, sizeof *r->parent);
    for (size_t i = 0; i <= RECORDING_THREADS_MOST; i++)
        stacks[i].last = NOBODY;
    for (int32_t i = 0; i < (int32_t)r->step_count; i++) {
        struct stack *stack = &stacks[r->steps[i].thread];
        r->previous[i] = stack->last;
        r->next[i] = NOBODY;
        if (stack->last != NOBODY) {
            r->next[stack->last] = i;
            pass(r, stack);
        }
        size_t depth = stack->depth < DEPTH_MOST ? stack->depth : DEPTH_MOST;
        r->parent[i] = depth > 0 ? stack->calls[depth - 1] : NOBODY;
        stack->last = i;
    }
}

static void find_shared(struct recording *r)
{
    for (size_t i = 0; i < r->step_count; i++) {
        const int number = at(r, (int32_t)i)->function;
        if (number == NOBODY || r->parent[i] == NOBODY)
            continue;
        struct function *function = &r->functions[number];
        const uint64_t from = r->steps[r->parent[i]].ip;
        function->is_shared =
            function->is_shared || (function->called_from != 0 && function->called_from != from);
        function->called_from = from;
    }
}

// A thread begins with a function, a process behind the call that made it.
static void find_forked(struct recording *r)
{
    r->forked = mem_alloc_array(RECORDING_THREADS_MOST + 1, sizeof *r->forked);
    for (int32_t i = 0; i < (int32_t)r->step_count; i++) {
        if (r->previous[i] != NOBODY || r->steps[i].thread == r->steps[0].thread)
            continue;
        int function = at(r, i)->function;
        r->forked[r->steps[i].thread] =
            function == NOBODY || r->functions[function].start != r->steps[i].ip;
    }
}

// ---------------------------------------------------------------- the whole

void recording_free(struct recording *r)
{
    for (uint64_t i = 0; r->decoded != NULL && i < r->code.end - r->code.start; i++)
        free(r->decoded[i]);
    for (size_t i = 0; i < r->function_count; i++) {
        free(r->functions[i].name);
        free(r->functions[i].graph);
    }
    for (size_t i = 0; i < r->variable_count; i++)
        free(r->variables[i].name);
    for (size_t i = 0; i < r->number_count; i++)
        free(r->numbers[i].name);
    for (size_t i = 0; i < r->import_count; i++)
        free(r->imports[i].name);
    for (size_t i = 0; i < r->file_count; i++)
        free(r->files[i]);
    void *const parts[] = {r->decoded,    r->functions, r->variables,      r->numbers,
                           r->imports,    r->files,     r->steps,          r->calls,
                           r->previous,   r->next,      r->parent,         r->lines,
                           r->text.bytes, r->forked,    r->constants.bytes};
    writes_free(r->writes);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        free(parts[i]);
    free(r);
}

struct recording *recording_load(int file, const char *program)
{
    struct recording *r = mem_alloc(sizeof *r);
    auto_str struct str data = STR_INIT;
    bool good = read_all(file, &data) && take_records(r, str_text(&data), data.length) &&
                is_sane(r) && program_read(r, program) && program_decode(r);
    if (!good) {
        recording_free(r);
        return NULL;
    }
    str_release(&data);
    if (r->code.before > r->step_count)
        r->code.before = r->step_count;
    count_call_sites(r);
    link_steps(r);
    find_shared(r);
    find_forked(r);
    r->writes = writes_collect(r);
    return r;
}

// ---------------------------------------------------------------- questions

const struct instruction *decoded_at(const struct recording *r, uint64_t address)
{
    if (address < r->code.start || address >= r->code.end)
        return NULL;
    return r->decoded[address - r->code.start];
}

const struct instruction *at(const struct recording *r, int32_t step)
{
    return decoded_at(r, r->steps[step].ip);
}

int line_of(const struct recording *r, int32_t step)
{
    return step < 0 ? 0 : at(r, step)->line;
}

uint64_t memory_address(const struct recording *r, int32_t step)
{
    const struct instruction *insn = at(r, step);
    const struct recorded_step *state = &r->steps[step];
    uint64_t address = (uint64_t)insn->displacement;
    if (insn->base >= 0 && insn->base < REGISTERS)
        address += state->registers[insn->base];
    if (insn->index >= 0 && insn->index < REGISTERS)
        address += state->registers[insn->index] * insn->scale;
    return address + (insn->of_thread ? state->thread_base : 0);
}

const struct recorded_call *call_at(const struct recording *r, int32_t step)
{
    uint32_t number = step < 0 ? 0 : r->steps[step].call;
    return number == 0 ? NULL : &r->calls[number - 1];
}

bool is_forked(const struct recording *r, uint32_t thread)
{
    return r->forked[thread];
}

const char *callee(const struct recording *r, int32_t step)
{
    if (call_at(r, step) == NULL || at(r, step)->operation != OP_CALL)
        return "";
    return import_at(r, memory_address(r, step));
}

const char *import_at(const struct recording *r, uint64_t place)
{
    for (size_t i = 0; i < r->import_count; i++)
        if (r->imports[i].address == place)
            return r->imports[i].name;
    return "?";
}

const char *name_of_number(const struct recording *r, int64_t value)
{
    const char *name = NULL;
    for (size_t i = 0; i < r->number_count; i++) {
        if (r->numbers[i].value != value)
            continue;
        if (name != NULL && strcmp(name, r->numbers[i].name) != 0)
            return NULL;
        name = r->numbers[i].name;
    }
    return name;
}

const struct variable *variable_at(const struct recording *r, uint64_t address)
{
    for (size_t i = 0; i < r->variable_count; i++)
        if (address >= r->variables[i].start &&
            address - r->variables[i].start < r->variables[i].size)
            return &r->variables[i];
    return NULL;
}

// The executable's own constants and variables lie near its code.
bool is_static(const struct recording *r, uint64_t address)
{
    return address >= r->code.base && address < r->code.base + (64U << 20);
}
