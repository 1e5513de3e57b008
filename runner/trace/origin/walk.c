// SPDX-License-Identifier: MIT
// Follows a byte or a number back to where it was made.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/origin/origin.h"

enum { WALK_MOST = 400 };

// Where the walk stands: at a byte in memory, or at a byte of a register, before a step.
struct walk {
    const struct recording *r;
    struct origin *out;
    int32_t step;
    bool in_register;
    int number;       // of the register
    uint64_t shift;   // bytes: which of the register's
    uint64_t address; // in memory
    int left;
};

int argument_register(int index)
{
    static const int order[RECORDING_ARGUMENTS] = {REGISTER_DI, REGISTER_SI, REGISTER_D,
                                                   REGISTER_C,  8,           9};
    return index >= 0 && index < RECORDING_ARGUMENTS ? order[index] : -1;
}

static bool done(struct walk *walk, enum origin_kind kind, int32_t step)
{
    walk->out->kind = kind;
    walk->out->step = step;
    walk->out->address = walk->in_register ? 0 : walk->address;
    return false;
}

static void add_hop(struct walk *walk, struct hop hop)
{
    if (walk->out->hop_count < HOPS)
        walk->out->hops[walk->out->hop_count++] = hop;
}

static void remember_pointer(struct walk *walk, int32_t step, int number, uint64_t address)
{
    walk->out->pointer_step = step;
    walk->out->pointer_register = number;
    walk->out->pointer_address = address;
}

static void go_to_memory(struct walk *walk, int32_t step, uint64_t address)
{
    walk->step = step;
    walk->in_register = false;
    walk->address = address;
}

static void go_to_register(struct walk *walk, int32_t step, int number, uint64_t shift)
{
    walk->step = step;
    walk->in_register = true;
    walk->number = number;
    walk->shift = shift;
}

static bool walk_formatted(struct walk *walk, int32_t step, uint64_t index);

static bool walk_call(struct walk *walk, int32_t step)
{
    struct written written[WRITTEN_MOST];
    size_t count = call_writes(walk->r, step, written);
    for (size_t i = 0; i < count; i++) {
        uint64_t index = walk->address - written[i].address;
        if (index >= written[i].size)
            continue;
        switch (written[i].effect) {
        case EFFECT_COPY:
            add_hop(walk, (struct hop){step, true, written[i].address, written[i].from,
                                       written[i].size, written[i].from + index});
            remember_pointer(walk, step, argument_register(1), 0);
            if (strncmp(callee(walk->r, step), "realloc", 7) == 0 ||
                strstr(callee(walk->r, step), "dup") != NULL)
                remember_pointer(walk, step, argument_register(0), 0);
            go_to_memory(walk, step, written[i].from + index);
            return true;
        case EFFECT_FORMAT:
            return walk_formatted(walk, step, index);
        case EFFECT_INPUT:
            return done(walk, ORIGIN_INPUT, step);
        default:
            return done(walk, ORIGIN_WRITTEN, step);
        }
    }
    return done(walk, ORIGIN_UNKNOWN, step);
}

static bool walk_memory(struct walk *walk)
{
    const struct recording *r = walk->r;
    int32_t writer = memory_writer(r, walk->step, walk->address);
    if (writer == NOBODY)
        return done(walk, is_static(r, walk->address) ? ORIGIN_STATIC : ORIGIN_UNKNOWN, NOBODY);
    if (r->steps[writer].call != 0)
        return walk_call(walk, writer);
    const struct instruction *insn = at(r, writer);
    walk->out->number = insn->immediate;
    if (insn->operation == OP_CONST)
        return done(walk, ORIGIN_CONST, writer);
    if (insn->operation != OP_MOVE || insn->source < 0)
        return done(walk, ORIGIN_COMPUTED, writer);
    add_hop(walk, (struct hop){writer, false, walk->address, 0, 1, 0});
    go_to_register(walk, writer, insn->source, walk->address - memory_address(r, writer));
    return true;
}

static bool walk_register(struct walk *walk)
{
    const struct recording *r = walk->r;
    int32_t writer = register_writer(r, walk->step, walk->number);
    if (writer == NOBODY)
        return done(walk, ORIGIN_UNKNOWN, NOBODY);
    if (r->steps[writer].call != 0)
        return done(walk, walk->number == REGISTER_A ? ORIGIN_RESULT : ORIGIN_UNKNOWN, writer);
    const struct instruction *insn = at(r, writer);
    walk->out->number = insn->immediate;
    switch (insn->operation) {
    case OP_CONST:
        return done(walk, ORIGIN_CONST, writer);
    case OP_ADDRESS:
        walk->out->number = insn->displacement;
        return done(walk, ORIGIN_CONST, writer);
    case OP_MOVE:
        if (insn->loads) {
            uint64_t address = memory_address(r, writer) + walk->shift;
            struct origin *out = walk->out;
            if (out->hop_count > 0 && !out->hops[out->hop_count - 1].is_copy)
                out->hops[out->hop_count - 1].from = out->hops[out->hop_count - 1].here = address;
            if (insn->base >= 0)
                remember_pointer(walk, writer, insn->base, 0);
            go_to_memory(walk, writer, address);
        } else if (insn->source >= 0) {
            go_to_register(walk, writer, insn->source, walk->shift);
        } else {
            return done(walk, ORIGIN_COMPUTED, writer);
        }
        return true;
    default:
        return done(walk, ORIGIN_COMPUTED, writer);
    }
}

static void walk_on(struct walk *walk)
{
    bool goes_on = true;
    while (goes_on && walk->left-- > 0)
        goes_on = walk->in_register ? walk_register(walk) : walk_memory(walk);
}

static struct walk begin(const struct recording *r, struct origin *out)
{
    *out = (struct origin){.step = NOBODY, .pointer_step = NOBODY, .pointer_register = -1};
    return (struct walk){.r = r, .out = out, .left = WALK_MOST};
}

void origin_of_byte(const struct recording *r, int32_t before, uint64_t address, struct origin *out)
{
    struct walk walk = begin(r, out);
    go_to_memory(&walk, before, address);
    walk_on(&walk);
}

void origin_of_register(const struct recording *r, int32_t step, int number, struct origin *out)
{
    struct walk walk = begin(r, out);
    go_to_register(&walk, step, number, 0);
    walk_on(&walk);
}

bool origin_of_pointer(const struct recording *r, const struct origin *end, struct origin *out)
{
    struct origin from = *end;
    if (from.pointer_step == NOBODY)
        return false;
    if (from.pointer_register >= 0)
        origin_of_register(r, from.pointer_step, from.pointer_register, out);
    else
        origin_of_byte(r, from.pointer_step, from.pointer_address, out);
    return true;
}

// ---------------------------------------------------------------- printf and its family

// The arguments behind a format, as they lie for the call.
struct values {
    const struct recorded_call *call;
    int first;          // number of the first argument, or
    bool is_list;       // they come in a va_list
    uint64_t registers; // where the list keeps those of registers
    uint64_t others;    // and the others
    uint64_t offset;
    int taken;
};

static void values_begin(struct values *values, const struct recorded_call *call, int format,
                         bool is_list)
{
    *values = (struct values){.call = call, .first = format + 1, .is_list = is_list};
    if (is_list && format + 1 < RECORDING_POINTERS && call->before_length[format + 1] >= 24) {
        const uint8_t *list = call->before[format + 1];
        uint32_t offset;
        memcpy(&offset, list, sizeof offset);
        memcpy(&values->others, list + 8, 8);
        memcpy(&values->registers, list + 16, 8);
        values->offset = offset;
    }
}

// The next argument: a register of the call (returned), or -1 and an address.
static int values_next(struct values *values, uint64_t *address)
{
    int number = values->first + values->taken++;
    *address = 0;
    if (!values->is_list) {
        if (number < RECORDING_ARGUMENTS)
            return number;
        *address = values->call->stack + 8 + 8 * (uint64_t)(number - RECORDING_ARGUMENTS);
    } else if (values->offset < 48) {
        *address = values->registers + values->offset;
        values->offset += 8;
    } else {
        *address = values->others;
        values->others += 8;
    }
    return -1;
}

struct conversion {
    size_t length; // in the format
    char letter;
    bool is_long, is_short;
    char spec[24]; // without length modifiers
    int stars;
};

static struct conversion conversion_read(const char *format)
{
    struct conversion out = {0};
    size_t at_spec = 0;
    out.spec[at_spec++] = '%';
    const char *c = format + 1;
    for (; *c != '\0' && strchr("diouxXcspeEfFgGaAn%", *c) == NULL; c++) {
        if (strchr("lzjt", *c) != NULL)
            out.is_long = true;
        else if (*c == 'h')
            out.is_short = true;
        else if (at_spec + 5 < sizeof out.spec)
            out.spec[at_spec++] = *c;
        out.stars += *c == '*';
    }
    out.letter = *c;
    out.length = (size_t)(c - format) + (*c != '\0');
    return out;
}

static size_t number_length(const struct conversion *conversion, uint64_t value)
{
    char out[128], spec[32];
    size_t length = strlen(conversion->spec);
    if (conversion->stars > 0)
        return 0;
    memcpy(spec, conversion->spec, length);
    bool is_signed = conversion->letter == 'd' || conversion->letter == 'i';
    if (!conversion->is_long)
        value = is_signed ? (uint64_t)(int64_t)(int32_t)value : (uint32_t)value;
    spec[length] = 'l', spec[length + 1] = 'l';
    spec[length + 2] = conversion->letter;
    spec[length + 3] = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int written = snprintf(out, sizeof out, spec, (long long)value);
#pragma GCC diagnostic pop
    return written > 0 ? (size_t)written : 0;
}

// How much of the output a %s took: up to where the format's next literal text stands.
static size_t text_length(const char *rest, const char *output, size_t left)
{
    size_t literal = strcspn(rest, "%");
    if (*rest == '\0' || literal == 0)
        return left;
    for (size_t i = 0; i + literal <= left; i++)
        if (memcmp(output + i, rest, literal) == 0)
            return i;
    return left;
}

static bool format_place(const char *name, int *format, bool *is_list)
{
    *is_list = name[0] == 'v';
    const char *plain = name + (*is_list ? 1 : 0);
    *format = strcmp(plain, "snprintf") == 0 ? 2 : 1;
    return strcmp(plain, "snprintf") == 0 || strcmp(plain, "sprintf") == 0 ||
           strcmp(plain, "dprintf") == 0 || strcmp(plain, "fprintf") == 0;
}

static void go_to_value(struct walk *walk, int32_t step, int number, uint64_t address)
{
    if (number >= 0)
        go_to_register(walk, step, argument_register(number), 0);
    else
        go_to_memory(walk, step, address);
}

static bool go_to_text(struct walk *walk, int32_t step, int number, uint64_t address,
                       uint64_t index)
{
    bool known = true;
    uint64_t text = number >= 0 ? call_at(walk->r, step)->arguments[number]
                                : number_before(walk->r, step, address, 8, &known);
    if (!known)
        return done(walk, ORIGIN_WRITTEN, step);
    remember_pointer(walk, step, number >= 0 ? argument_register(number) : -1, address);
    go_to_memory(walk, step, text + index);
    return true;
}

static bool walk_formatted(struct walk *walk, int32_t step, uint64_t index)
{
    const struct recorded_call *call = call_at(walk->r, step);
    int place;
    bool is_list;
    if (!format_place(callee(walk->r, step), &place, &is_list))
        return done(walk, ORIGIN_WRITTEN, step);
    char format[RECORDING_SHOWN + 1] = {0}, output[RECORDING_SHOWN + 1] = {0};
    memcpy(format, call->before[place], call->before_length[place]);
    memcpy(output, call->after[0], call->after_length[0]);
    bool has_output = strstr(callee(walk->r, step), "nprintf") != NULL ||
                      strstr(callee(walk->r, step), "sprintf") != NULL;
    size_t total = strlen(output), position = 0;
    struct values values;
    values_begin(&values, call, place, is_list);
    for (const char *c = format; *c != '\0';) {
        size_t length = 1;
        struct conversion conversion = {.length = 1};
        int number = -1;
        uint64_t address = 0;
        if (*c == '%')
            conversion = conversion_read(c);
        if (*c == '%' && conversion.letter != '%') {
            for (int i = 0; i < conversion.stars; i++)
                values_next(&values, &address);
            number = values_next(&values, &address);
            bool known;
            uint64_t value = number >= 0 ? call->arguments[number]
                                         : number_before(walk->r, step, address, 8, &known);
            if (conversion.letter == 's')
                length = has_output ? text_length(c + conversion.length, output + position,
                                                  total > position ? total - position : 0)
                                    : 0;
            else if (conversion.letter != 'c')
                length = number_length(&conversion, value);
        }
        bool is_here = index >= position && index < position + length;
        if (is_here && conversion.letter == 's')
            return go_to_text(walk, step, number, address, index - position);
        if (is_here && conversion.length > 1 && conversion.letter != '%') {
            add_hop(walk, (struct hop){step, false, 0, 0, 1, 0});
            go_to_value(walk, step, number, address);
            return true;
        }
        if (is_here) {
            add_hop(walk, (struct hop){step, false, 0, 0, 1, 0});
            go_to_register(walk, step, argument_register(place), 0);
            return true;
        }
        position += length;
        c += conversion.length;
    }
    return done(walk, ORIGIN_WRITTEN, step);
}

void origin_of_formatted(const struct recording *r, int32_t step, size_t index, struct origin *out)
{
    struct walk walk = begin(r, out);
    walk.step = step;
    if (walk_formatted(&walk, step, index))
        walk_on(&walk);
}
