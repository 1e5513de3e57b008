// SPDX-License-Identifier: MIT
// Executes one instruction: those that a compiler makes of C without optimizing. A function of a
// group returns false, and has changed nothing in memory, when the instruction is none of the
// group.
#include <string.h>

#include "trace/tracer/machine_parts.h"

// ---------------------------------------------------------------- groups of instructions

// A prefix makes it an instruction of 16 bits.
static bool is_short(const struct work *work)
{
    return work->insn->detail->x86.prefix[2] != 0;
}

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
        if (operands[0].type == X86_OP_REG && !is_general_register(operands[0].reg))
            return false;
        operand_set(work, 0, operand_get(work, 1));
        return true;
    case X86_INS_MOVSX:
    case X86_INS_MOVSXD:
        operand_set(work, 0, (uint64_t)sign_extend(operand_get(work, 1), operands[1].size));
        return true;
    case X86_INS_LEA:
        operand_set(work, 0, address_of(work, &operands[1]));
        return true;
    case X86_INS_PUSH:
        if (is_short(work) || (operands[0].type != X86_OP_IMM && operands[0].size != 8))
            return false;
        push(work,
             operands[0].type == X86_OP_IMM ? (uint64_t)operands[0].imm : operand_get(work, 0));
        return true;
    case X86_INS_POP:
        if (operands[0].size != 8 || operands[0].type != X86_OP_REG)
            return false;
        operand_set(work, 0, pop(work));
        return true;
    case X86_INS_LEAVE:
        work->cpu->registers[REGISTER_SP] = work->cpu->registers[REGISTER_BP];
        work->cpu->registers[REGISTER_BP] = pop(work);
        return !is_short(work);
    default:
        return false;
    }
}

static bool do_arithmetic(struct work *work)
{
    int size = work->operands[0].size;
    uint64_t carry = work->cpu->flags & FLAG_C;
    uint64_t a, b;
    if (work->count == 0 || size < 1 || size > 8)
        return false;
    switch (work->insn->id) {
    case X86_INS_ADD:
    case X86_INS_ADC:
        a = operand_get(work, 0), b = operand_get(work, 1);
        operand_set(work, 0, add(work, a, b, work->insn->id == X86_INS_ADC ? carry : 0, size));
        return true;
    case X86_INS_SUB:
    case X86_INS_SBB:
        a = operand_get(work, 0), b = operand_get(work, 1);
        operand_set(work, 0, subtract(work, a, b, work->insn->id == X86_INS_SBB ? carry : 0, size));
        return true;
    case X86_INS_CMP:
        a = operand_get(work, 0), b = operand_get(work, 1);
        subtract(work, a, b, 0, size);
        return true;
    case X86_INS_NEG:
        operand_set(work, 0, subtract(work, 0, operand_get(work, 0), 0, size));
        return true;
    case X86_INS_NOT:
        operand_set(work, 0, ~operand_get(work, 0));
        return true;
    case X86_INS_AND:
    case X86_INS_TEST:
        a = operand_get(work, 0) & operand_get(work, 1);
        break;
    case X86_INS_OR:
        a = operand_get(work, 0) | operand_get(work, 1);
        break;
    case X86_INS_XOR:
        a = operand_get(work, 0) ^ operand_get(work, 1);
        break;
    default:
        return false;
    }
    flags_set(work, a, size, false, false);
    if (work->insn->id != X86_INS_TEST)
        operand_set(work, 0, a);
    return true;
}

static bool do_shift(struct work *work)
{
    int size = work->operands[0].size, bits = size * 8;
    uint64_t count = work->count == 1                       ? 1
                     : work->operands[1].type == X86_OP_IMM ? (uint64_t)work->operands[1].imm
                                                            : work->cpu->registers[REGISTER_C];
    count &= size == 8 ? 63 : 31;
    if (size < 1 || size > 8 || count >= (uint64_t)bits)
        return false;
    uint64_t a = operand_get(work, 0), result = a;
    uint64_t top = (uint64_t)1 << (bits - 1);
    bool carry = false, overflow = false; // the latter is defined for a count of 1
    if (count == 0) {
        operand_set(work, 0, a);
        return true;
    }
    switch (work->insn->id) {
    case X86_INS_SHR:
        result = a >> count;
        overflow = a & top;
        break;
    case X86_INS_SAR:
        result = (uint64_t)(sign_extend(a, size) >> count);
        break;
    default:
        result = a << count;
    }
    if (work->insn->id == X86_INS_SHR || work->insn->id == X86_INS_SAR) {
        carry = a >> (count - 1) & 1;
    } else {
        carry = a >> ((uint64_t)bits - count) & 1;
        overflow = carry != ((result & top) != 0);
    }
    flags_set(work, result, size, carry, overflow);
    operand_set(work, 0, result);
    return true;
}

static bool do_multiply(struct work *work)
{
    int count = work->count, size = work->operands[0].size;
    if (work->insn->id == X86_INS_IMUL && count >= 2 && size >= 4) {
        int64_t a = sign_extend(operand_get(work, count - 2), size);
        int64_t b = work->operands[count - 1].type == X86_OP_IMM
                        ? work->operands[count - 1].imm
                        : sign_extend(operand_get(work, count - 1), size);
        int64_t whole;
        bool over = __builtin_mul_overflow(a, b, &whole);
        over = over || whole != sign_extend((uint64_t)whole, size);
        flags_set(work, (uint64_t)a * (uint64_t)b, size, over, over);
        operand_set(work, 0, (uint64_t)a * (uint64_t)b);
        return true;
    }
    return false;
}

static bool do_widen(struct work *work)
{
    uint64_t *a = &work->cpu->registers[REGISTER_A], *d = &work->cpu->registers[REGISTER_D];
    switch (work->insn->id) {
    case X86_INS_CDQE:
        *a = (uint64_t)sign_extend(*a, 4);
        return true;
    case X86_INS_CWDE:
        *a = (uint64_t)sign_extend(*a, 2) & mask_of(4);
        return true;
    case X86_INS_CDQ:
        *d = (uint64_t)(sign_extend(*a, 4) >> 31) & mask_of(4);
        return true;
    case X86_INS_CQO:
        *d = *a >> 63 != 0 ? UINT64_MAX : 0;
        return true;
    default:
        return false;
    }
}

static bool is_named(const struct work *work, const char *start)
{
    return strncmp(work->insn->mnemonic, start, strlen(start)) == 0;
}

// Conditions: their machine code is 7x, 0F 8x, 0F 9x or 0F 4x. Others have such bytes too: the name
// decides.
static bool do_condition(struct work *work, uint64_t *ip)
{
    const uint8_t *opcode = work->insn->detail->x86.opcode;
    bool is_long = opcode[0] == 0x0f;
    uint8_t code = is_long ? opcode[1] : opcode[0], row = code & 0xf0;
    bool yes = condition_holds(work, code & 15);
    if (is_named(work, "j") && work->count == 1 && (is_long ? row == 0x80 : row == 0x70)) {
        if (yes)
            *ip = (uint64_t)work->operands[0].imm;
        return true;
    }
    if (is_named(work, "set") && is_long && row == 0x90) {
        operand_set(work, 0, yes);
        return true;
    }
    if (is_named(work, "cmov") && is_long && row == 0x40) {
        operand_set(work, 0, operand_get(work, yes ? 1 : 0));
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
        target = work->operands[0].type == X86_OP_IMM ? (uint64_t)work->operands[0].imm
                                                      : operand_get(work, 0);
        if (work->insn->id == X86_INS_CALL)
            push(work, *ip);
        *ip = target;
        return true;
    case X86_INS_RET:
        if (work->count != 0 || is_short(work))
            return false;
        *ip = pop(work);
        return true;
    case X86_INS_NOP:
    case X86_INS_ENDBR64:
        return true;
    default:
        return do_condition(work, ip);
    }
}

static bool do_any(struct work *work, uint64_t *ip)
{
    const uint8_t *prefix = work->insn->detail->x86.prefix;
    if (prefix[0] != 0 || prefix[3] != 0) // lock and rep; addresses of 32 bits
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
    const struct cpu before = *cpu;
    machine->before = &before; // cppcheck-suppress autoVariables ; of this call alone
    machine->number++;
    const cs_insn *insn = machine_decode(machine, tid, cpu->ip);
    if (insn == NULL)
        return MACHINE_CANNOT;
    const cs_x86 *x86 = &insn->detail->x86;
    struct work work = {machine, tid, cpu, insn, x86->operands, x86->op_count, false};
    uint64_t ip = cpu->ip + insn->size;
    if (!do_any(&work, &ip) || work.failed) {
        *cpu = before;
        return MACHINE_CANNOT;
    }
    cpu->ip = ip;
    return MACHINE_DID;
}
