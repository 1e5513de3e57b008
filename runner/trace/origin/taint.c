// SPDX-License-Identifier: MIT
/*
 * Who looked at given bytes of the request: they are followed forwards through copies, and so is
 * what is computed from them. A mark above 0 is the place of a byte among the given ones,
 * COMPUTED a number that came from one of them, POINTED (of flags) an address that leads to one.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "trace/origin/origin.h"

enum { COMPUTED = -1, POINTED = -2, FLAGS = 32, SLOTS = 1 << 16 };

struct slot {
    uint64_t address;
    int32_t mark;
};
struct marks {
    const struct recording *r;
    struct slot *slots; // by address; marks of memory, 0: none
    size_t used;
    int32_t (*registers)[FLAGS + 1];
    struct look *looks;
    size_t look_count, look_room;
    struct passage *passages;
    size_t passage_count, passage_room;
};

static struct slot *slot_of(struct marks *marks, uint64_t address)
{
    size_t i = (size_t)(address * 0x9e3779b97f4a7c15ULL >> 48);
    while (marks->slots[i].address != 0 && marks->slots[i].address != address)
        i = (i + 1) % SLOTS;
    return &marks->slots[i];
}

static int32_t mark_at(struct marks *marks, uint64_t address)
{
    return slot_of(marks, address)->mark;
}

static void set_mark(struct marks *marks, uint64_t address, int32_t mark)
{
    struct slot *slot = slot_of(marks, address);
    if (address == 0 || (slot->address == 0 && (mark == 0 || marks->used == SLOTS / 2)))
        return;
    marks->used += slot->address == 0;
    slot->address = address;
    slot->mark = mark;
}

static void clear(struct marks *marks, uint64_t address, uint64_t size)
{
    if (size <= 4096) {
        for (uint64_t i = 0; i < size; i++)
            set_mark(marks, address + i, 0);
        return;
    }
    for (size_t i = 0; i < SLOTS; i++)
        if (marks->slots[i].address - address < size)
            marks->slots[i].mark = 0;
}

static void add_look(struct marks *marks, int32_t step, bool byte, bool matched)
{
    if (marks->look_count == marks->look_room) {
        marks->look_room = marks->look_room == 0 ? 256 : 2 * marks->look_room;
        marks->looks = mem_resize(marks->looks, marks->look_room * sizeof *marks->looks);
    }
    marks->looks[marks->look_count++] =
        (struct look){.step = step, .byte = byte, .matched = matched};
}

// ---------------------------------------------------------------- calls

static void copy_marks(struct marks *marks, uint64_t to, uint64_t from, uint64_t size)
{
    if (size > 65536 || to == from)
        return;
    auto_free int32_t *taken = mem_alloc_array(size + 1, sizeof *taken);
    for (uint64_t i = 0; i < size; i++)
        taken[i] = mark_at(marks, from + i);
    for (uint64_t i = 0; i < size; i++)
        set_mark(marks, to + i, taken[i]);
}

// It looked for something else, and passed over them.
static bool passes_over(struct marks *marks, int32_t step, const struct looked *looked)
{
    static const char *const names[] = {"memchr", "strchr",  "strrchr",    "strstr",  "memmem",
                                        "strlen", "strnlen", "strcasestr", "strpbrk", "strcspn"};
    const struct recorded_call *call = call_at(marks->r, step);
    bool searches = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        searches = searches || strcmp(callee(marks->r, step), names[i]) == 0;
    uint64_t found = strcmp(callee(marks->r, step), "strcspn") == 0 ? looked->address + call->result
                                                                    : call->result;
    return searches && mark_at(marks, found) <= 0;
}

static bool looks_at_marked(struct marks *marks, const struct looked *looked)
{
    for (uint64_t i = 0; i < looked->size && i < 4096; i++)
        if (mark_at(marks, looked->address + i) > 0)
            return true;
    return false;
}

static void add_passage(struct marks *marks, int32_t step, enum passage_kind kind)
{
    if (marks->passage_count == marks->passage_room) {
        marks->passage_room = marks->passage_room == 0 ? 64 : 2 * marks->passage_room;
        marks->passages =
            mem_resize(marks->passages, marks->passage_room * sizeof *marks->passages);
    }
    marks->passages[marks->passage_count++] = (struct passage){step, kind};
}

static bool holds_first(struct marks *marks, uint64_t address, uint64_t size)
{
    for (uint64_t i = 0; size <= 4096 && i < size; i++)
        if (mark_at(marks, address + i) == 1)
            return true;
    for (size_t i = 0; size > 4096 && i < SLOTS; i++)
        if (marks->slots[i].mark == 1 && marks->slots[i].address - address < size)
            return true;
    return false;
}

// Does the call send the first marked byte, or end before it?
static void pass_sending(struct marks *marks, int32_t step, int fd)
{
    const struct recorded_call *call = call_at(marks->r, step);
    uint64_t address, sent = call_sends(marks->r, step, (int)call->arguments[0], 0, &address);
    uint64_t asked = call->arguments[2];
    if (sent == 0 || address == 0 || sent > asked)
        return;
    bool is_own = (int)call->arguments[0] == fd;
    if (holds_first(marks, address, sent))
        add_passage(marks, step, is_own ? PASSED_WHOLE : PASSED_OTHERS);
    else if (is_own && mark_at(marks, address + sent) == 1)
        add_passage(marks, step, sent < asked ? PASSED_PART : PASSED_END);
}

// The bytes that are asked about, and how much came before what is read next.
struct wanted {
    int fd;
    size_t offset, length;
    uint64_t received;
};

static bool reads_connection(const struct recorded_call *call, const char *name, int fd)
{
    bool is_stream = strcmp(name, "fgets") == 0 || strcmp(name, "getline") == 0;
    bool is_descriptor = strstr(name, "recv") != NULL || strcmp(name, "read") == 0;
    return is_stream || (is_descriptor && (int)call->arguments[0] == fd);
}

static void mark_input(struct marks *marks, int32_t step, const struct written *written,
                       struct wanted *wanted)
{
    const struct recorded_call *call = call_at(marks->r, step);
    const char *name = callee(marks->r, step);
    if (!reads_connection(call, name, wanted->fd) || written->size == 0)
        return;
    bool has_end = strcmp(name, "fgets") == 0 || strcmp(name, "getline") == 0;
    uint64_t size = written->size - (has_end ? 1 : 0);
    for (size_t i = 0; i < wanted->length; i++) {
        uint64_t place = wanted->offset + i - wanted->received;
        if (place < size)
            set_mark(marks, written->address + place, (int32_t)(i + 1));
    }
    bool peeks = strstr(name, "recv") != NULL && call->arguments[3] & MSG_PEEK;
    wanted->received += peeks ? 0 : size;
}

// `seen`: the call looked at marked bytes, and may have made numbers of them.
static void mark_written(struct marks *marks, int32_t step, struct wanted *wanted, bool seen)
{
    const bool makes = seen && strstr(callee(marks->r, step), "scanf") != NULL;
    struct written written[WRITTEN_MOST];
    size_t count = call_writes(marks->r, step, written);
    for (size_t i = 0; i < count; i++) {
        if (written[i].effect == EFFECT_COPY) {
            copy_marks(marks, written[i].address, written[i].from, written[i].size);
            continue;
        }
        clear(marks, written[i].address, written[i].size);
        for (uint64_t k = 0; makes && k < written[i].size && k < 8; k++)
            set_mark(marks, written[i].address + k, COMPUTED);
        if (written[i].effect == EFFECT_INPUT)
            mark_input(marks, step, &written[i], wanted);
    }
}

static void pass_call(struct marks *marks, int32_t step, int32_t *registers, struct wanted *wanted)
{
    struct looked looked[4];
    size_t count = call_looks(marks->r, step, looked);
    bool seen = false, marked_argument = false;
    for (size_t i = 0; i < count; i++)
        seen = seen || looks_at_marked(marks, &looked[i]);
    if (seen) {
        add_look(marks, step, true,
                 strstr(callee(marks->r, step), "cmp") != NULL &&
                     call_at(marks->r, step)->result == 0);
        marks->looks[marks->look_count - 1].passed = passes_over(marks, step, &looked[0]);
    }
    for (int i = 0; i < 3; i++)
        marked_argument = marked_argument || registers[argument_register(i)] != 0;
    mark_written(marks, step, wanted, seen);
    for (int i = 0; i < FLAGS + 1; i++)
        if (i >= 16 || 0x0fc7 >> i & 1)
            registers[i] = 0;
    // Where a line ends is nothing that the bytes in it say.
    const uint64_t found = call_at(marks->r, step)->result;
    const bool elsewhere = seen && marks->looks[marks->look_count - 1].passed &&
                           found > UINT32_MAX && byte_before(marks->r, step, found) == '\n';
    if ((seen && !elsewhere) || marked_argument)
        registers[REGISTER_A] = COMPUTED;
}

// ---------------------------------------------------------------- instructions

static int32_t mark_of_sources(struct marks *marks, int32_t step, const int32_t *registers)
{
    const struct instruction *insn = at(marks->r, step);
    int32_t found = 0;
    for (int i = 0; i < 32; i++) {
        bool is_address = insn->loads || insn->stores;
        is_address = is_address && (i == insn->base || i == insn->index);
        if (insn->reads >> i & 1 && !is_address && registers[i] != 0)
            found = found > 0 ? found : registers[i];
    }
    if (insn->loads || (insn->stores && insn->operation == OP_COMPUTE)) {
        int32_t mark = mark_at(marks, memory_address(marks->r, step));
        found = found > 0 ? found : mark != 0 ? mark : found;
    }
    return found;
}

// A comparison of an address that leads to one of the bytes.
static bool compares_pointer(struct marks *marks, int32_t step)
{
    const struct instruction *insn = at(marks->r, step);
    for (int i = 0; i < REGISTERS; i++)
        if (insn->reads >> i & 1 && i != insn->base && i != insn->index &&
            mark_at(marks, marks->r->steps[step].registers[i]) > 0)
            return true;
    if (insn->loads && insn->memory_size == 8) {
        bool known;
        uint64_t value = number_before(marks->r, step, memory_address(marks->r, step), 8, &known);
        return known && mark_at(marks, value) > 0;
    }
    return false;
}

static void pass_instruction(struct marks *marks, int32_t step, int32_t *registers)
{
    const struct instruction *insn = at(marks->r, step);
    int32_t mark = mark_of_sources(marks, step, registers);
    switch (insn->operation) {
    case OP_JUMP:
        if (registers[FLAGS] != 0)
            add_look(marks, step, registers[FLAGS] > 0, false);
        return;
    case OP_COMPARE:
        registers[FLAGS] = mark != 0 ? mark : compares_pointer(marks, step) ? POINTED : 0;
        return;
    case OP_COMPUTE:
        if (insn->reads_flags && registers[FLAGS] != 0) {
            if (registers[FLAGS] != POINTED)
                add_look(marks, step, registers[FLAGS] > 0, false);
            mark = COMPUTED;
        } else if (mark > 0) {
            add_look(marks, step, true, false);
            mark = COMPUTED;
        }
        if (insn->writes_flags)
            registers[FLAGS] = mark;
        break;
    case OP_CALL:
    case OP_RETURN:
    case OP_GOTO:
        return;
    case OP_MOVE:
        break;
    default:
        mark = 0;
    }
    if (insn->stores) {
        clear(marks, memory_address(marks->r, step), insn->memory_size);
        set_mark(marks, memory_address(marks->r, step), mark);
    }
    for (int i = 0; i < 32; i++)
        if (insn->writes >> i & 1)
            registers[i] = i == insn->destination || insn->destination < 0 ? mark : 0;
}

static struct marks marks_begin(const struct recording *r)
{
    struct marks marks = {.r = r};
    marks.slots = mem_alloc_array(SLOTS, sizeof *marks.slots);
    marks.registers = mem_alloc_array(RECORDING_THREADS_MOST + 1, sizeof *marks.registers);
    return marks;
}

static void marks_end(struct marks *marks)
{
    free(marks->slots);
    free(marks->registers);
}

static void pass_all(struct marks *marks, int32_t from, struct wanted *wanted, bool sends)
{
    for (int32_t i = from; i < (int32_t)marks->r->step_count; i++) {
        int32_t *registers = marks->registers[marks->r->steps[i].thread];
        if (marks->r->steps[i].call == 0) {
            pass_instruction(marks, i, registers);
            continue;
        }
        if (sends && marks->used > 0)
            pass_sending(marks, i, wanted->fd);
        pass_call(marks, i, registers, wanted);
    }
}

size_t looks_at(const struct recording *r, int fd, size_t received, size_t offset, size_t length,
                struct look **out)
{
    struct marks marks = marks_begin(r);
    struct wanted wanted = {fd, offset, length, received};
    pass_all(&marks, (int32_t)r->code.before, &wanted, false);
    marks_end(&marks);
    *out = marks.looks;
    return marks.look_count;
}

size_t passages_of(const struct recording *r, int fd, size_t received, size_t offset,
                   struct passage **out)
{
    struct marks marks = marks_begin(r);
    struct wanted wanted = {fd, offset, 1, received};
    pass_all(&marks, (int32_t)r->code.before, &wanted, true);
    marks_end(&marks);
    free(marks.looks);
    *out = marks.passages;
    return marks.passage_count;
}

size_t looks_at_result(const struct recording *r, int32_t step, struct look **out)
{
    struct marks marks = marks_begin(r);
    struct wanted wanted = {-1, 0, 0, 0};
    marks.registers[r->steps[step].thread][REGISTER_A] = COMPUTED;
    pass_all(&marks, step + 1, &wanted, false);
    marks_end(&marks);
    *out = marks.looks;
    return marks.look_count;
}
