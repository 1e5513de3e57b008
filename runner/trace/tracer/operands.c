// SPDX-License-Identifier: MIT
// Registers, memory and flags, as the operands of one instruction name them.
#include "trace/tracer/machine_parts.h"

enum { FLAGS = FLAG_C | FLAG_P | FLAG_Z | FLAG_S | FLAG_O };

// ---------------------------------------------------------------- registers

struct place {
    int number; // -1: none of the sixteen
    int size;   // bytes
    int shift;  // 8 for AH, CH, DH, BH
};

static struct place place_of(x86_reg name)
{
    static const x86_reg names[REGISTERS][4] = {
        {X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL},
        {X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL},
        {X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL},
        {X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL},
        {X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL},
        {X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL},
        {X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL},
        {X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL},
        {X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B},
        {X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B},
        {X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B},
        {X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B},
        {X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B},
        {X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B},
        {X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B},
        {X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B},
    };
    static const x86_reg high[] = {X86_REG_AH, X86_REG_CH, X86_REG_DH, X86_REG_BH};
    for (int i = 0; i < REGISTERS; i++)
        for (int k = 0; k < 4; k++)
            if (names[i][k] == name)
                return (struct place){i, 8 >> k, 0};
    for (int i = 0; i < 4; i++)
        if (high[i] == name)
            return (struct place){i, 1, 8};
    return (struct place){-1, 0, 0};
}

uint64_t mask_of(int size)
{
    return size >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << (size * 8)) - 1;
}

int64_t sign_extend(uint64_t value, int size)
{
    int shift = size > 0 && size < 8 ? 64 - size * 8 : 0;
    return (int64_t)(value << shift) >> shift;
}

// ---------------------------------------------------------------- operands

bool is_general_register(x86_reg name)
{
    return place_of(name).number >= 0;
}

static uint64_t register_get(struct work *work, x86_reg name)
{
    struct place place = place_of(name);
    if (place.number < 0) {
        work->failed = true;
        return 0;
    }
    return work->cpu->registers[place.number] >> place.shift & mask_of(place.size);
}

static void register_set(struct work *work, x86_reg name, uint64_t value)
{
    struct place place = place_of(name);
    if (place.number < 0) {
        work->failed = true;
        return;
    }
    uint64_t *whole = &work->cpu->registers[place.number];
    if (place.size >= 4)
        *whole = value & mask_of(place.size);
    else
        *whole = (*whole & ~(mask_of(place.size) << place.shift)) | (value & mask_of(place.size))
                                                                        << place.shift;
}

uint64_t address_of(struct work *work, const cs_x86_op *operand)
{
    uint64_t address = (uint64_t)operand->mem.disp;
    if (operand->mem.base == X86_REG_RIP)
        address += work->insn->address + work->insn->size;
    else if (operand->mem.base != X86_REG_INVALID)
        address += register_get(work, operand->mem.base);
    if (operand->mem.index != X86_REG_INVALID)
        address += register_get(work, operand->mem.index) * (uint64_t)operand->mem.scale;
    if (operand->mem.segment == X86_REG_FS)
        address += work->cpu->thread_base;
    else if (operand->mem.segment == X86_REG_GS)
        work->failed = true;
    return address;
}

uint64_t memory_get(struct work *work, uint64_t address, int size)
{
    uint64_t value = 0;
    if (size > 8 || !machine_read(work->machine, work->tid, address, &value, (size_t)size))
        work->failed = true;
    return value;
}

void memory_set(struct work *work, uint64_t address, uint64_t value, int size)
{
    if (work->failed || size > 8 ||
        !machine_write(work->machine, work->tid, address, &value, (size_t)size))
        work->failed = true;
}

uint64_t operand_get(struct work *work, int index)
{
    const cs_x86_op *operand = &work->operands[index];
    switch (operand->type) {
    case X86_OP_REG:
        return register_get(work, operand->reg);
    case X86_OP_IMM:
        return (uint64_t)operand->imm & mask_of(work->operands[0].size);
    case X86_OP_MEM:
        return memory_get(work, address_of(work, operand), operand->size);
    default:
        work->failed = true;
        return 0;
    }
}

void operand_set(struct work *work, int index, uint64_t value)
{
    const cs_x86_op *operand = &work->operands[index];
    if (work->failed)
        return;
    if (operand->type == X86_OP_REG)
        register_set(work, operand->reg, value);
    else if (operand->type == X86_OP_MEM)
        memory_set(work, address_of(work, operand), value, operand->size);
    else
        work->failed = true;
}

// ---------------------------------------------------------------- flags

void flags_set(struct work *work, uint64_t result, int size, bool carry, bool overflow)
{
    if (work->failed)
        return;
    uint64_t value = result & mask_of(size);
    uint64_t flags = work->cpu->flags & ~(uint64_t)FLAGS;
    flags |= (carry ? FLAG_C : 0) | (overflow ? FLAG_O : 0) | (value == 0 ? FLAG_Z : 0);
    flags |= value >> (size * 8 - 1) & 1 ? FLAG_S : 0;
    flags |= __builtin_parity((unsigned int)(value & 0xff)) ? 0 : FLAG_P;
    work->cpu->flags = flags;
}

uint64_t add(struct work *work, uint64_t a, uint64_t b, uint64_t carry, int size)
{
    uint64_t mask = mask_of(size), sum = (a + b + carry) & mask;
    uint64_t top = (uint64_t)1 << (size * 8 - 1);
    bool out = carry ? sum <= (a & mask) : sum < (a & mask);
    flags_set(work, sum, size, out, (~(a ^ b) & (a ^ sum) & top) != 0);
    return sum;
}

uint64_t subtract(struct work *work, uint64_t a, uint64_t b, uint64_t borrow, int size)
{
    uint64_t mask = mask_of(size), rest = (a - b - borrow) & mask;
    uint64_t top = (uint64_t)1 << (size * 8 - 1);
    bool out = borrow ? (a & mask) <= (b & mask) : (a & mask) < (b & mask);
    flags_set(work, rest, size, out, ((a ^ b) & (a ^ rest) & top) != 0);
    return rest;
}

bool condition_holds(const struct work *work, unsigned int code)
{
    uint64_t flags = work->cpu->flags;
    bool c = flags & FLAG_C, z = flags & FLAG_Z, s = flags & FLAG_S, o = flags & FLAG_O;
    bool value = false;
    switch (code >> 1) {
    case 0:
        value = o;
        break;
    case 1:
        value = c;
        break;
    case 2:
        value = z;
        break;
    case 3:
        value = c || z;
        break;
    case 4:
        value = s;
        break;
    case 5:
        value = flags & FLAG_P;
        break;
    case 6:
        value = s != o;
        break;
    default:
        value = z || s != o;
    }
    return value != (code & 1);
}
