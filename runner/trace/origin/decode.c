// SPDX-License-Identifier: MIT
// The learner's code, one instruction after the other, as far as it matters here.
#include "base/str.h"
#include "trace/origin/origin.h"

static int register_number(x86_reg name)
{
    static const x86_reg names[16][4] = {
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
    for (int i = 0; i < 16; i++)
        for (int k = 0; k < 4; k++)
            if (names[i][k] == name)
                return i;
    if (name >= X86_REG_XMM0 && name <= X86_REG_XMM15)
        return 16 + (int)(name - X86_REG_XMM0);
    return -1;
}

static bool is_plain_move(unsigned int id)
{
    return id == X86_INS_MOV || id == X86_INS_MOVAPS || id == X86_INS_MOVUPS ||
           id == X86_INS_MOVDQA || id == X86_INS_MOVDQU || id == X86_INS_MOVQ ||
           id == X86_INS_MOVSD || id == X86_INS_MOVSS;
}

// `first`: it is the first of the operands, where results go.
static void set_memory(struct instruction *out, const cs_insn *insn, const cs_x86_op *operand,
                       bool first)
{
    out->memory_size = operand->size;
    out->base =
        (int8_t)(operand->mem.base == X86_REG_RIP ? -1 : register_number(operand->mem.base));
    out->index = (int8_t)register_number(operand->mem.index);
    out->scale = (uint8_t)operand->mem.scale;
    out->of_thread = operand->mem.segment == X86_REG_FS;
    out->displacement = operand->mem.disp;
    if (operand->mem.base == X86_REG_RIP)
        out->displacement = (int64_t)((uint64_t)operand->mem.disp + insn->address + insn->size);
    if (insn->id == X86_INS_LEA || insn->id == X86_INS_NOP)
        return;
    out->loads = !first || (operand->access & CS_AC_READ && !is_plain_move(insn->id));
    out->stores = first && (operand->access & CS_AC_WRITE || is_plain_move(insn->id)) &&
                  insn->id != X86_INS_CMP && insn->id != X86_INS_TEST;
}

static void set_operands(struct instruction *out, const cs_insn *insn)
{
    const cs_x86 *x86 = &insn->detail->x86;
    for (int i = 0; i < x86->op_count; i++) {
        const cs_x86_op *operand = &x86->operands[i];
        if (operand->type == X86_OP_REG && i == 0)
            out->destination = (int8_t)register_number(operand->reg);
        if (operand->type == X86_OP_REG && i == x86->op_count - 1)
            out->source = (int8_t)register_number(operand->reg);
        if (operand->type == X86_OP_IMM) {
            out->has_immediate = true;
            out->immediate = operand->imm;
        }
        if (operand->type == X86_OP_MEM)
            set_memory(out, insn, operand, i == 0);
    }
}

// Those that have no operands to see it by, or others than they show.
static void set_special(struct instruction *out, const cs_insn *insn)
{
    switch (insn->id) {
    case X86_INS_PUSH:
        out->stores = true, out->memory_size = 8, out->base = REGISTER_SP;
        out->displacement = -8, out->destination = -1;
        if (out->has_immediate)
            out->operation = OP_CONST;
        break;
    case X86_INS_POP:
        out->loads = true, out->memory_size = 8, out->base = REGISTER_SP, out->source = -1;
        break;
    case X86_INS_CDQE:
    case X86_INS_CWDE:
        out->source = out->destination = REGISTER_A;
        out->writes |= 1U << REGISTER_A;
        break;
    case X86_INS_CALL:
        out->stores = true;
        out->loads = false;
        out->writes = 1U << REGISTER_SP;
        break;
    default:
        break;
    }
}

static enum operation operation_of(const struct instruction *i, const cs_insn *insn)
{
    const uint8_t *code = insn->detail->x86.opcode;
    bool is_long = code[0] == 0x0f;
    switch (insn->id) {
    case X86_INS_MOV:
    case X86_INS_MOVABS:
        return i->has_immediate ? OP_CONST : OP_MOVE;
    case X86_INS_MOVZX:
    case X86_INS_MOVSX:
    case X86_INS_MOVSXD:
    case X86_INS_CDQE:
    case X86_INS_CWDE:
    case X86_INS_MOVQ:
    case X86_INS_MOVD:
    case X86_INS_MOVAPS:
    case X86_INS_MOVUPS:
    case X86_INS_MOVDQA:
    case X86_INS_MOVDQU:
    case X86_INS_MOVSS:
    case X86_INS_PUSH:
    case X86_INS_POP:
        return OP_MOVE;
    case X86_INS_MOVSD:
        return insn->detail->x86.operands[0].type == X86_OP_MEM &&
                       insn->detail->x86.operands[1].type == X86_OP_MEM
                   ? OP_OTHER
                   : OP_MOVE;
    case X86_INS_LEA:
        return i->base < 0 && i->index < 0 ? OP_ADDRESS
               : i->base == REGISTER_BP    ? OP_ADDRESS
                                           : OP_COMPUTE;
    case X86_INS_CMP:
    case X86_INS_TEST:
    case X86_INS_COMISD:
    case X86_INS_COMISS:
    case X86_INS_UCOMISD:
    case X86_INS_UCOMISS:
        return OP_COMPARE;
    case X86_INS_JMP:
        return OP_GOTO;
    case X86_INS_CALL:
        return OP_CALL;
    case X86_INS_RET:
        return OP_RETURN;
    case X86_INS_XOR:
        return i->destination >= 0 && i->destination == i->source && !i->loads ? OP_CONST
                                                                               : OP_COMPUTE;
    case X86_INS_NOP:
    case X86_INS_ENDBR64:
        return OP_OTHER;
    default:
        if ((!is_long && (code[0] & 0xf0) == 0x70) || (is_long && (code[1] & 0xf0) == 0x80))
            return OP_JUMP;
        return OP_COMPUTE;
    }
}

static void set_registers(struct instruction *out, csh decoder, const cs_insn *insn)
{
    cs_regs read, written;
    uint8_t read_count = 0, written_count = 0;
    if (cs_regs_access(decoder, insn, read, &read_count, written, &written_count) != 0)
        return;
    for (int i = 0; i < read_count; i++) {
        int number = register_number((x86_reg)read[i]);
        if (number >= 0)
            out->reads |= 1U << number;
        out->reads_flags |= read[i] == X86_REG_EFLAGS;
    }
    for (int i = 0; i < written_count; i++) {
        int number = register_number((x86_reg)written[i]);
        if (number >= 0)
            out->writes |= 1U << number;
        out->writes_flags |= written[i] == X86_REG_EFLAGS;
    }
}

static void set_place(const struct recording *r, struct instruction *out)
{
    size_t low = 0, high = r->line_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->lines[middle].address <= out->address)
            low = middle + 1;
        else
            high = middle;
    }
    out->line = low > 0 ? r->lines[low - 1].line : 0;
    out->file = low > 0 ? r->lines[low - 1].file : 0;
    out->function = NOBODY;
    for (size_t i = 0; i < r->function_count; i++)
        if (out->address >= r->functions[i].start && out->address < r->functions[i].end)
            out->function = (int)i;
}

static struct instruction *make(const struct recording *r, csh decoder, const cs_insn *insn)
{
    struct instruction *out = mem_alloc(sizeof *out);
    out->address = insn->address;
    out->size = (uint8_t)insn->size;
    out->destination = out->source = out->base = out->index = -1;
    set_operands(out, insn);
    set_registers(out, decoder, insn);
    out->operation = operation_of(out, insn);
    out->subtracts = insn->id == X86_INS_SUB;
    out->is_logic = insn->id == X86_INS_XOR || insn->id == X86_INS_AND || insn->id == X86_INS_OR ||
                    insn->id == X86_INS_NOT;
    out->tests_equal = insn->id == X86_INS_JE || insn->id == X86_INS_JNE ||
                       insn->id == X86_INS_SETE || insn->id == X86_INS_SETNE;
    out->tests_zero = (insn->id == X86_INS_CMP && out->has_immediate && out->immediate == 0) ||
                      (insn->id == X86_INS_TEST && !out->has_immediate && !out->loads &&
                       out->destination >= 0 && out->destination == out->source);
    if (out->operation == OP_CONST && !out->has_immediate)
        out->immediate = 0;
    set_special(out, insn);
    set_place(r, out);
    return out;
}

// Instructions one after the other, from `address` to `end`; `most`: no more than so many.
static void decode(struct recording *r, csh decoder, cs_insn *insn, uint64_t address, uint64_t end,
                   size_t most)
{
    uint64_t at_text = address - r->text.start;
    if (at_text >= r->text.size || address >= end)
        return;
    const uint8_t *code = r->text.bytes + at_text;
    size_t left = r->text.size - at_text < end - address ? r->text.size - at_text : end - address;
    for (size_t i = 0; left > 0 && i < most; i++) {
        if (!cs_disasm_iter(decoder, &code, &left, &address, insn))
            break;
        uint64_t place = insn->address - r->code.start;
        if (place < r->code.end - r->code.start && r->decoded[place] == NULL)
            r->decoded[place] = make(r, decoder, insn);
    }
}

bool program_decode(struct recording *r)
{
    csh decoder;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &decoder) != 0)
        return false;
    cs_option(decoder, CS_OPT_DETAIL, CS_OPT_ON);
    r->decoded = mem_alloc_array(r->code.end - r->code.start, sizeof(struct instruction *));
    cs_insn *insn = cs_malloc(decoder);
    bool whole = insn != NULL;
    for (size_t i = 0; whole && i < r->function_count; i++)
        if (r->functions[i].start >= r->code.start && r->functions[i].end <= r->code.end)
            decode(r, decoder, insn, r->functions[i].start, r->functions[i].end, SIZE_MAX);
    for (size_t i = 0; i < r->step_count && whole; i++) {
        uint64_t ip = r->steps[i].ip;
        if (decoded_at(r, ip) == NULL)
            decode(r, decoder, insn, ip, r->code.end, 1);
        whole = decoded_at(r, ip) != NULL;
    }
    if (insn != NULL)
        cs_free(insn, 1);
    cs_close(&decoder);
    return whole;
}
