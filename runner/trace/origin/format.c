// SPDX-License-Identifier: MIT
// printf() and its family: which argument a byte of the output came from.
#include <stdio.h>
#include <string.h>

#include "trace/origin/walk.h"

enum { WIDTH_MOST = 1000 };

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
    char letter;   // '\0': it is no conversion, or has no end
    bool is_long, is_short;
    char flags[8];               // of those the ones that change the length of a number
    int width, precision, stars; // precision -1: none
};

static int read_count(const char **c)
{
    int count = 0;
    for (; **c >= '0' && **c <= '9'; (*c)++)
        count = count < WIDTH_MOST ? 10 * count + (**c - '0') : count;
    return count;
}

// `format` is at a percent sign.
static struct conversion conversion_read(const char *format)
{
    struct conversion out = {.precision = -1};
    const char *c = format + 1;
    for (size_t i = 0; *c != '\0' && strchr("-+ #0'", *c) != NULL; c++)
        if (i + 1 < sizeof out.flags && strchr(out.flags, *c) == NULL)
            out.flags[i++] = *c;
    out.stars += *c == '*';
    c += *c == '*';
    out.width = read_count(&c);
    if (*c == '.') {
        c++;
        out.stars += *c == '*';
        c += *c == '*';
        out.precision = read_count(&c);
    }
    for (; *c != '\0' && strchr("lzjtqLh", *c) != NULL; c++)
        if (*c == 'h')
            out.is_short = true;
        else
            out.is_long = true;
    out.letter = *c;
    out.length = (size_t)(c - format) + (*c != '\0');
    return out;
}

// How many bytes a whole number takes. False for all else, whose length is not known.
static bool number_length(const struct conversion *conversion, uint64_t value, size_t *length)
{
    bool is_signed = conversion->letter == 'd' || conversion->letter == 'i';
    int written = -1;
    if (conversion->stars > 0 || conversion->width >= WIDTH_MOST ||
        conversion->precision >= WIDTH_MOST)
        return false;
    if (!conversion->is_long)
        value = is_signed ? (uint64_t)(int64_t)(int32_t)value : (uint32_t)value;
    if (conversion->is_short && !conversion->is_long)
        value = is_signed ? (uint64_t)(int64_t)(int16_t)value : (uint16_t)value;
    switch (conversion->letter) {
    case 'd':
    case 'i':
        written = snprintf(NULL, 0, "%.*lld", conversion->precision, (long long)value);
        written += (int64_t)value >= 0 && strpbrk(conversion->flags, "+ ") != NULL;
        break;
    case 'u':
        written = snprintf(NULL, 0, "%.*llu", conversion->precision, (unsigned long long)value);
        break;
    case 'x':
    case 'X':
        written = snprintf(NULL, 0, "%.*llx", conversion->precision, (unsigned long long)value);
        written += value != 0 && strchr(conversion->flags, '#') != NULL ? 2 : 0;
        break;
    case 'o':
        written = snprintf(NULL, 0, "%.*llo", conversion->precision, (unsigned long long)value);
        break;
    default:
        return false;
    }
    *length = (size_t)(written > conversion->width ? written : conversion->width);
    return true;
}

// How much of the output a %s took: up to where the text ends, or its output is another; where that
// is not known, up to where the format's next literal text stands.
static size_t text_length(const struct recording *r, int32_t step, uint64_t text, const char *rest,
                          const char *output, size_t left)
{
    for (size_t i = 0; i <= left && text != 0; i++) {
        int byte = byte_before(r, step, text + i);
        if (byte < 0)
            break;
        if (i == left || byte != (unsigned char)output[i])
            return i;
    }
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

// A format as it is worked off.
struct formatting {
    const struct recorded_call *call;
    int place; // of the format among the arguments
    char format[RECORDING_SHOWN + 1], output[RECORDING_SHOWN + 1];
    bool has_output;
    size_t position; // in the output
    struct values values;
};

static bool formatting_begin(const struct recording *r, int32_t step, struct formatting *out)
{
    const char *name = callee(r, step);
    bool is_list;
    *out = (struct formatting){.call = call_at(r, step)};
    if (!format_place(name, &out->place, &is_list))
        return false;
    memcpy(out->format, out->call->before[out->place], out->call->before_length[out->place]);
    memcpy(out->output, out->call->after[0], out->call->after_length[0]);
    out->has_output = strstr(name, "nprintf") != NULL || strstr(name, "sprintf") != NULL;
    values_begin(&out->values, out->call, out->place, is_list);
    return true;
}

static bool go_to_text(struct walk *walk, int32_t step, int number, uint64_t address,
                       uint64_t index)
{
    bool known = true;
    uint64_t text = number >= 0 ? call_at(walk->r, step)->arguments[number]
                                : number_before(walk->r, step, address, 8, &known);
    if (!known)
        return walk_done(walk, ORIGIN_WRITTEN, step);
    walk_remember_pointer(walk, step, number >= 0 ? argument_register(number) : -1, address);
    walk_to_memory(walk, step, text + index);
    return true;
}

// One conversion: `index` may be in what it wrote (*here, and where the walk goes on is returned).
static bool walk_conversion(struct walk *walk, int32_t step, struct formatting *formatting,
                            const char *at_percent, struct conversion conversion, uint64_t index,
                            bool *here)
{
    uint64_t address = 0;
    size_t length = 1; // of a %c
    bool known = true, value_known = true;
    for (int i = 0; i < conversion.stars; i++)
        values_next(&formatting->values, &address);
    int number = values_next(&formatting->values, &address);
    uint64_t value = number >= 0 ? formatting->call->arguments[number]
                                 : number_before(walk->r, step, address, 8, &value_known);
    if (conversion.letter == 's') {
        size_t total = strlen(formatting->output);
        size_t at_output = formatting->position < total ? formatting->position : total;
        length = formatting->has_output
                     ? text_length(walk->r, step, value_known ? value : 0,
                                   at_percent + conversion.length, formatting->output + at_output,
                                   total - at_output)
                     : 0;
    } else if (conversion.letter != 'c') {
        known = value_known && number_length(&conversion, value, &length);
    }
    // Behind a length that is not known, nothing is.
    *here = !known || index - formatting->position < length;
    formatting->position += length;
    if (!known)
        return walk_done(walk, ORIGIN_WRITTEN, step);
    if (!*here)
        return true;
    if (conversion.letter == 's')
        return go_to_text(walk, step, number, address, index - (formatting->position - length));
    walk_add_hop(walk, (struct hop){step, false, 0, 0, 1, 0});
    if (!formatting->values.is_list && walk->out->argument_step == NOBODY) {
        walk->out->argument_step = step;
        walk->out->argument = formatting->values.first + formatting->values.taken - 1;
    }
    if (number >= 0)
        walk_to_register(walk, step, argument_register(number), 0);
    else
        walk_to_memory(walk, step, address);
    return true;
}

bool walk_formatted(struct walk *walk, int32_t step, uint64_t index)
{
    struct formatting formatting;
    if (!formatting_begin(walk->r, step, &formatting))
        return walk_done(walk, ORIGIN_WRITTEN, step);
    walk_add_formatted(walk, step, index);
    for (const char *c = formatting.format; *c != '\0';) {
        struct conversion conversion = {.length = 1};
        if (*c == '%')
            conversion = conversion_read(c);
        if (*c == '%' && conversion.letter != '%') {
            bool here;
            bool goes_on = walk_conversion(walk, step, &formatting, c, conversion, index, &here);
            if (here)
                return goes_on;
        } else if (index == formatting.position++) { // the format's own
            walk_add_hop(walk, (struct hop){step, false, 0, 0, 1, 0});
            walk_to_register(walk, step, argument_register(formatting.place), 0);
            return true;
        }
        c += conversion.length;
    }
    return walk_done(walk, ORIGIN_WRITTEN, step);
}

void origin_of_formatted(const struct recording *r, int32_t step, size_t index, struct origin *out)
{
    struct walk walk = walk_begin(r, out);
    walk.step = step;
    if (walk_formatted(&walk, step, index))
        walk_on(&walk);
}

// The text of a %s, as it lies for the call. False: it is not known.
static bool read_text_piece(const struct recording *r, int32_t step, struct formatting *formatting,
                            const char *behind, struct conversion conversion,
                            struct format_piece *out)
{
    const size_t total = strlen(formatting->output);
    uint64_t address = 0;
    bool known = true;
    out->length_argument = -1;
    for (int i = 0; i < conversion.stars; i++)
        out->length_argument = values_next(&formatting->values, &out->length_address);
    out->argument = formatting->values.first + formatting->values.taken;
    int number = values_next(&formatting->values, &address);
    out->text = number >= 0 ? formatting->call->arguments[number]
                            : number_before(r, step, address, 8, &known);
    if (!known || !formatting->has_output || formatting->position > total)
        return false;
    out->length = text_length(r, step, out->text, behind, formatting->output + formatting->position,
                              total - formatting->position);
    return true;
}

size_t format_pieces(const struct recording *r, int32_t step, struct format_piece *out, size_t most)
{
    struct formatting formatting;
    size_t count = 0;
    if (!formatting_begin(r, step, &formatting))
        return 0;
    for (const char *c = formatting.format; *c != '\0' && count < most;) {
        struct conversion conversion = {.length = 1};
        if (*c == '%')
            conversion = conversion_read(c);
        struct format_piece piece = {.at = formatting.position, .length = 1};
        if (*c == '%' && conversion.letter == 's') {
            if (!read_text_piece(r, step, &formatting, c + conversion.length, conversion, &piece))
                return count;
            out[count++] = piece;
        } else if (*c == '%' && conversion.letter != '%' && conversion.letter != 'c') {
            uint64_t address = 0;
            bool known = true;
            for (int i = 0; i < conversion.stars; i++)
                values_next(&formatting.values, &address);
            int number = values_next(&formatting.values, &address);
            uint64_t value = number >= 0 ? formatting.call->arguments[number]
                                         : number_before(r, step, address, 8, &known);
            if (!known || !number_length(&conversion, value, &piece.length))
                return count;
        } else if (*c == '%' && conversion.letter == 'c') {
            uint64_t address;
            values_next(&formatting.values, &address);
        }
        formatting.position += piece.length;
        c += conversion.length;
    }
    return count;
}
