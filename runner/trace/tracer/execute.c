// SPDX-License-Identifier: MIT
// Executes one instruction: those that a compiler makes of C without optimizing.
#include <string.h>

#include "trace/tracer/machine_parts.h"

enum { FLAG_C = 1, FLAG_P = 4, FLAG_Z = 0x40, FLAG_S = 0x80, FLAG_O = 0x800 };
enum { FLAGS = FLAG_C | FLAG_P | FLAG_Z | FLAG_S | FLAG_O };

struct work {
    struct machine *machine;
    pid_t tid;
    struct cpu *cpu;
    const cs_insn *insn;
    const cs_x86_op *operands;
    bool failed; // memory could not be read or written: nothing was changed
};

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

static uint64_t mask_of(int size)
{
    return size >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << (size * 8)) - 1;
}

static int64_t extend(uint64_t value, int size)
{
    int shift = 64 - size * 8;
    return (int64_t)(value << shift) >> shift;
}

// ---------------------------------------------------------------- operands

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

static uint64_t address_of(struct work *work, const cs_x86_op *operand)
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

static uint64_t memory_get(struct work *work, uint64_t address, int size)
{
    uint64_t value = 0;
    if (size > 8 || !machine_read(work->machine, work->tid, address, &value, (size_t)size))
        work->failed = true;
    return value;
}

static void memory_set(struct work *work, uint64_t address, uint64_t value, int size)
{
    if (work->failed || size > 8 ||
        !machine_write(work->machine, work->tid, address, &value, (size_t)size))
        work->failed = true;
}

static uint64_t get(struct work *work, int index)
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

static void set(struct work *work, int index, uint64_t value)
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

static void flags_set(struct work *work, uint64_t result, int size, bool carry, bool overflow)
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

static uint64_t add(struct work *work, uint64_t a, uint64_t b, uint64_t carry, int size)
{
    uint64_t mask = mask_of(size), sum = (a + b + carry) & mask;
    uint64_t top = (uint64_t)1 << (size * 8 - 1);
    bool out = carry ? sum <= (a & mask) : sum < (a & mask);
    flags_set(work, sum, size, out, (~(a ^ b) & (a ^ sum) & top) != 0);
    return sum;
}

static uint64_t subtract(struct work *work, uint64_t a, uint64_t b, uint64_t borrow, int size)
{
    uint64_t mask = mask_of(size), rest = (a - b - borrow) & mask;
    uint64_t top = (uint64_t)1 << (size * 8 - 1);
    bool out = borrow ? (a & mask) <= (b & mask) : (a & mask) < (b & mask);
    flags_set(work, rest, size, out, ((a ^ b) & (a ^ rest) & top) != 0);
    return rest;
}

// The condition that a jump, setcc or cmovcc asks for: the low four bits of its machine code.
static bool holds(const struct work *work, unsigned int code)
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

// ---------------------------------------------------------------- groups of instructions

static void push(struct work *work, uint64_t value)
{
    uint64_t *pointer = &work->cpu->registers[REGISTER_SP];
    memory_set(work, *pointer - 8, value, 8);
    if (!work->failed)
        *pointer -= 8;
}

static uint64_t pop(struct work *work)
{
    uint64_t *pointer = &work->cpu->registers[REGISTER_SP];
    uint64_t value = memory_get(work, *pointer, 8);
    if (!work->failed)
        *pointer += 8;
    return value;
}

static bool do_move(struct work *work)
{
    const cs_x86_op *operands = work->operands;
    switch (work->insn->id) {
    case X86_INS_MOV:
    case X86_INS_MOVABS:
    case X86_INS_MOVZX:
        if (operands[0].type == X86_OP_REG && place_of(operands[0].reg).number < 0)
            return false;
        set(work, 0, get(work, 1));
        return true;
    case X86_INS_MOVSX:
    case X86_INS_MOVSXD:
        set(work, 0, (uint64_t)extend(get(work, 1), operands[1].size));
        return true;
    case X86_INS_LEA:
        set(work, 0, address_of(work, &operands[1]));
        return true;
    case X86_INS_PUSH:
        push(work, operands[0].type == X86_OP_IMM ? (uint64_t)operands[0].imm : get(work, 0));
        return operands[0].size == 8;
    case X86_INS_POP:
        set(work, 0, pop(work));
        return operands[0].size == 8 && operands[0].type == X86_OP_REG;
    case X86_INS_LEAVE: {
        uint64_t frame = work->cpu->registers[REGISTER_BP];
        uint64_t saved = memory_get(work, frame, 8);
        if (!work->failed) {
            work->cpu->registers[REGISTER_SP] = frame + 8;
            work->cpu->registers[REGISTER_BP] = saved;
        }
        return true;
    }
    default:
        return false;
    }
}

static bool do_arithmetic(struct work *work)
{
    int size = work->operands[0].size;
    uint64_t carry = work->cpu->flags & FLAG_C;
    uint64_t a, b;
    switch (work->insn->id) {
    case X86_INS_ADD:
    case X86_INS_ADC:
        a = get(work, 0), b = get(work, 1);
        set(work, 0, add(work, a, b, work->insn->id == X86_INS_ADC ? carry : 0, size));
        return true;
    case X86_INS_SUB:
    case X86_INS_SBB:
        a = get(work, 0), b = get(work, 1);
        set(work, 0, subtract(work, a, b, work->insn->id == X86_INS_SBB ? carry : 0, size));
        return true;
    case X86_INS_CMP:
        a = get(work, 0), b = get(work, 1);
        subtract(work, a, b, 0, size);
        return true;
    case X86_INS_NEG:
        set(work, 0, subtract(work, 0, get(work, 0), 0, size));
        return true;
    case X86_INS_NOT:
        set(work, 0, ~get(work, 0));
        return true;
    case X86_INS_AND:
    case X86_INS_TEST:
        a = get(work, 0) & get(work, 1);
        break;
    case X86_INS_OR:
        a = get(work, 0) | get(work, 1);
        break;
    case X86_INS_XOR:
        a = get(work, 0) ^ get(work, 1);
        break;
    default:
        return false;
    }
    flags_set(work, a, size, false, false);
    if (work->insn->id != X86_INS_TEST)
        set(work, 0, a);
    return true;
}

static bool do_shift(struct work *work)
{
    int size = work->operands[0].size;
    int bits = size * 8;
    uint64_t count = 1;
    if (work->insn->detail->x86.op_count > 1)
        count = work->operands[1].type == X86_OP_IMM ? (uint64_t)work->operands[1].imm
                                                     : register_get(work, X86_REG_CL);
    count &= size == 8 ? 63 : 31;
    uint64_t a = get(work, 0);
    if (count == 0)
        return true;
    if (count >= (uint64_t)bits)
        return false;
    uint64_t result;
    bool carry;
    if (work->insn->id == X86_INS_SHL || work->insn->id == X86_INS_SAL) {
        result = a << count;
        carry = a >> ((uint64_t)bits - count) & 1;
    } else {
        carry = a >> (count - 1) & 1;
        result = work->insn->id == X86_INS_SHR ? a >> count : (uint64_t)(extend(a, size) >> count);
    }
    flags_set(work, result, size, carry, false);
    set(work, 0, result);
    return true;
}

static bool do_multiply(struct work *work)
{
    int count = work->insn->detail->x86.op_count;
    int size = work->operands[0].size;
    if (work->insn->id == X86_INS_IMUL && count >= 2 && size >= 4) {
        int64_t a = extend(get(work, count - 2), size);
        int64_t b = work->operands[count - 1].type == X86_OP_IMM
                        ? work->operands[count - 1].imm
                        : extend(get(work, count - 1), size);
        int64_t whole;
        bool over = __builtin_mul_overflow(a, b, &whole);
        over = over || whole != extend((uint64_t)whole, size);
        flags_set(work, (uint64_t)a * (uint64_t)b, size, over, over);
        set(work, 0, (uint64_t)a * (uint64_t)b);
        return true;
    }
    return false;
}

static bool do_widen(struct work *work)
{
    uint64_t *a = &work->cpu->registers[REGISTER_A], *d = &work->cpu->registers[REGISTER_D];
    switch (work->insn->id) {
    case X86_INS_CDQE:
        *a = (uint64_t)extend(*a, 4);
        return true;
    case X86_INS_CWDE:
        *a = (uint64_t)extend(*a, 2) & mask_of(4);
        return true;
    case X86_INS_CDQ:
        *d = (uint64_t)(extend(*a, 4) >> 31) & mask_of(4);
        return true;
    case X86_INS_CQO:
        *d = (uint64_t)((int64_t)*a >> 63);
        return true;
    default:
        return false;
    }
}

// Conditions: their machine code is 7x, 0F 8x, 0F 9x or 0F 4x.
static bool do_condition(struct work *work, uint64_t *ip)
{
    const uint8_t *opcode = work->insn->detail->x86.opcode;
    bool is_long = opcode[0] == 0x0f;
    uint8_t code = is_long ? opcode[1] : opcode[0];
    bool yes = holds(work, code & 15);
    if ((!is_long && (code & 0xf0) == 0x70) || (is_long && (code & 0xf0) == 0x80)) {
        if (yes)
            *ip = (uint64_t)work->operands[0].imm;
        return true;
    }
    if (is_long && (code & 0xf0) == 0x90) {
        set(work, 0, yes);
        return true;
    }
    if (is_long && (code & 0xf0) == 0x40) {
        uint64_t value = get(work, yes ? 1 : 0);
        set(work, 0, value);
        return true;
    }
    return false;
}

static bool do_flow(struct work *work, uint64_t *ip)
{
    uint64_t target;
    switch (work->insn->id) {
    case X86_INS_JMP:
    case X86_INS_CALL:
        target =
            work->operands[0].type == X86_OP_IMM ? (uint64_t)work->operands[0].imm : get(work, 0);
        if (work->insn->id == X86_INS_CALL)
            push(work, *ip);
        *ip = target;
        return true;
    case X86_INS_RET:
        *ip = pop(work);
        return work->insn->detail->x86.op_count == 0;
    case X86_INS_NOP:
    case X86_INS_ENDBR64:
        return true;
    default:
        return do_condition(work, ip);
    }
}

static bool do_any(struct work *work, uint64_t *ip)
{
    if (work->insn->detail->x86.prefix[0] != 0) // lock, rep
        return false;
    switch (work->insn->id) {
    case X86_INS_SHL:
    case X86_INS_SAL:
    case X86_INS_SHR:
    case X86_INS_SAR:
        return do_shift(work);
    default:
        return do_move(work) || (!work->failed && do_arithmetic(work)) ||
               (!work->failed && do_multiply(work)) || (!work->failed && do_widen(work)) ||
               (!work->failed && do_flow(work, ip));
    }
}

enum outcome machine_execute(struct machine *machine, pid_t tid, struct cpu *cpu)
{
    struct cpu before = *cpu;
    const cs_insn *insn = machine_decode(machine, tid, cpu->ip);
    if (insn == NULL)
        return MACHINE_CANNOT;
    struct work work = {machine, tid, cpu, insn, insn->detail->x86.operands, false};
    uint64_t ip = cpu->ip + insn->size;
    if (!do_any(&work, &ip) || work.failed) {
        *cpu = before;
        return MACHINE_CANNOT;
    }
    cpu->ip = ip;
    return MACHINE_DID;
}
