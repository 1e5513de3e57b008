// SPDX-License-Identifier: MIT
// Reads a recording and the program's debugging data.
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "trace/origin/origin.h"

enum { FILES_MOST = 256, NAMES_MOST = 65536 };

// ---------------------------------------------------------------- the recording

enum { READ_AT_ONCE = 1 << 20, FILE_MOST = 128 * 1024 * 1024 };

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
            r->steps = malloc(head.size + 1);
            memcpy(r->steps, body, r->step_count * sizeof *r->steps);
        } else if (head.kind == RECORDING_CALLS && r->calls == NULL) {
            r->call_count = head.size / sizeof *r->calls;
            r->calls = malloc(head.size + 1);
            memcpy(r->calls, body, r->call_count * sizeof *r->calls);
        } else if (head.kind == RECORDING_END) {
            return r->steps != NULL && r->calls != NULL;
        }
    }
    return false;
}

static bool steps_are_sane(const struct recording *r)
{
    if (r->step_count > RECORDING_STEPS_MOST || r->call_count > RECORDING_CALLS_MOST ||
        r->code.end <= r->code.start || r->code.end - r->code.start > 16 * 1024 * 1024)
        return false;
    for (size_t i = 0; i < r->step_count; i++)
        if (r->steps[i].ip < r->code.start || r->steps[i].ip >= r->code.end ||
            r->steps[i].call > r->call_count || r->steps[i].thread > 1024)
            return false;
    return true;
}

// ---------------------------------------------------------------- the program

static uint64_t in_memory(const struct recording *r, uint64_t address, bool is_relocatable)
{
    return is_relocatable ? address + r->code.base : address;
}

static void add_import(struct recording *r, uint64_t address, const char *name)
{
    if (name == NULL || *name == '\0' || r->import_count == NAMES_MOST)
        return;
    r->imports = realloc(r->imports, (r->import_count + 1) * sizeof *r->imports);
    r->imports[r->import_count++] = (struct import){address, strdup(name)};
}

// The table of addresses that calls to libraries go through.
static void read_imports(struct recording *r, Elf *elf, bool is_relocatable)
{
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
        GElf_Shdr head;
        if (gelf_getshdr(section, &head) == NULL || head.sh_type != SHT_RELA)
            continue;
        Elf_Data *data = elf_getdata(section, NULL);
        Elf_Scn *names = elf_getscn(elf, head.sh_link);
        GElf_Shdr symbols;
        if (data == NULL || names == NULL || gelf_getshdr(names, &symbols) == NULL ||
            head.sh_entsize == 0)
            continue;
        Elf_Data *table = elf_getdata(names, NULL);
        for (size_t i = 0; i < head.sh_size / head.sh_entsize; i++) {
            GElf_Rela entry;
            GElf_Sym symbol;
            if (gelf_getrela(data, (int)i, &entry) != NULL && table != NULL &&
                gelf_getsym(table, (int)GELF_R_SYM(entry.r_info), &symbol) != NULL)
                add_import(r, in_memory(r, entry.r_offset, is_relocatable),
                           elf_strptr(elf, symbols.sh_link, symbol.st_name));
        }
    }
}

static int file_number(struct recording *r, const char *name)
{
    for (size_t i = 0; i < r->file_count; i++)
        if (strcmp(r->files[i], name) == 0)
            return (int)i;
    if (r->file_count == FILES_MOST)
        return 0;
    r->files = realloc(r->files, (r->file_count + 1) * sizeof *r->files);
    r->files[r->file_count] = strdup(name);
    return (int)r->file_count++;
}

static void add_function(struct recording *r, Dwarf_Die *die, bool is_relocatable)
{
    Dwarf_Addr low, high;
    const char *name = dwarf_diename(die);
    if (name == NULL || dwarf_lowpc(die, &low) != 0 || dwarf_highpc(die, &high) != 0 ||
        r->function_count == NAMES_MOST || high <= low)
        return;
    r->functions = realloc(r->functions, (r->function_count + 1) * sizeof *r->functions);
    r->functions[r->function_count++] =
        (struct function){strdup(name), in_memory(r, low, is_relocatable),
                          in_memory(r, high, is_relocatable), 0, NULL};
}

static void add_variable(struct recording *r, Dwarf_Die *die, bool is_relocatable)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *operations;
    size_t count;
    int line;
    Dwarf_Die type;
    Dwarf_Attribute type_attribute;
    Dwarf_Word size = 1;
    if (dwarf_attr_integrate(die, DW_AT_location, &attribute) == NULL ||
        dwarf_getlocation(&attribute, &operations, &count) != 0 || count != 1 ||
        operations[0].atom != DW_OP_addr || dwarf_decl_line(die, &line) != 0 ||
        r->variable_count == NAMES_MOST)
        return;
    if (dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &type_attribute), &type) != NULL)
        dwarf_aggregate_size(&type, &size);
    const char *file = dwarf_decl_file(die), *name = dwarf_diename(die);
    r->variables = realloc(r->variables, (r->variable_count + 1) * sizeof *r->variables);
    r->variables[r->variable_count++] = (struct variable){
        in_memory(r, operations[0].number, is_relocatable), size, line,
        file_number(r, file != NULL ? file : "?"), strdup(name != NULL ? name : "?")};
}

static void add_numbers(struct recording *r, Dwarf_Die *type)
{
    Dwarf_Die child;
    Dwarf_Attribute attribute;
    Dwarf_Sword value;
    const char *file = dwarf_decl_file(type);
    if (file == NULL || strncmp(file, "/usr/", 5) == 0 || dwarf_child(type, &child) != 0)
        return; // the system's names are nobody's choice
    do {
        const char *name = dwarf_diename(&child);
        if (name == NULL || r->number_count == NAMES_MOST ||
            dwarf_formsdata(dwarf_attr(&child, DW_AT_const_value, &attribute), &value) != 0)
            continue;
        r->numbers = realloc(r->numbers, (r->number_count + 1) * sizeof *r->numbers);
        r->numbers[r->number_count++] = (struct named_number){value, strdup(name)};
    } while (dwarf_siblingof(&child, &child) == 0);
}

static void read_dies(struct recording *r, Dwarf_Die *die, bool is_relocatable, int depth)
{
    Dwarf_Die child;
    if (depth > 40 || dwarf_child(die, &child) != 0)
        return;
    do {
        int tag = dwarf_tag(&child);
        if (tag == DW_TAG_subprogram)
            add_function(r, &child, is_relocatable);
        else if (tag == DW_TAG_variable)
            add_variable(r, &child, is_relocatable);
        else if (tag == DW_TAG_enumeration_type)
            add_numbers(r, &child);
        if (tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block)
            read_dies(r, &child, is_relocatable, depth + 1);
    } while (dwarf_siblingof(&child, &child) == 0);
}

struct line {
    uint64_t address;
    int line, file;
};
static struct line *lines;
static size_t line_count;

static int compare_lines(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static void read_lines(struct recording *r, Dwarf_Die *unit, bool is_relocatable)
{
    Dwarf_Lines *table;
    size_t count;
    if (dwarf_getsrclines(unit, &table, &count) != 0)
        return;
    lines = realloc(lines, (line_count + count + 1) * sizeof *lines);
    for (size_t i = 0; i < count; i++) {
        Dwarf_Line *line = dwarf_onesrcline(table, i);
        Dwarf_Addr address;
        int number;
        bool ends;
        if (dwarf_lineaddr(line, &address) != 0 || dwarf_lineno(line, &number) != 0 ||
            dwarf_lineendsequence(line, &ends) != 0)
            continue;
        const char *name = dwarf_linesrc(line, NULL, NULL);
        lines[line_count++] =
            (struct line){in_memory(r, address, is_relocatable), ends ? 0 : number,
                          file_number(r, name != NULL ? name : "?")};
    }
}

struct text { // the executable's code
    unsigned char *bytes;
    uint64_t start;
    size_t size;
};

static bool read_program(struct recording *r, const char *path, struct text *text)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    elf_version(EV_CURRENT);
    Elf *elf = file < 0 ? NULL : elf_begin(file, ELF_C_READ_MMAP, NULL);
    GElf_Ehdr head;
    if (elf == NULL || gelf_getehdr(elf, &head) == NULL)
        return false;
    bool is_relocatable = head.e_type == ET_DYN;
    read_imports(r, elf, is_relocatable);
    size_t file_size = 0, count = 0;
    const char *whole = elf_rawfile(elf, &file_size);
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; whole != NULL && i < count; i++) {
        GElf_Phdr part;
        if (gelf_getphdr(elf, (int)i, &part) == NULL || part.p_type != PT_LOAD ||
            !(part.p_flags & PF_X) || part.p_offset > file_size ||
            part.p_filesz > file_size - part.p_offset)
            continue;
        free(text->bytes);
        text->bytes = malloc(part.p_filesz + 1);
        memcpy(text->bytes, whole + part.p_offset, part.p_filesz);
        text->start = in_memory(r, part.p_vaddr, is_relocatable);
        text->size = part.p_filesz;
    }
    Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    Dwarf_Off offset = 0, next;
    size_t header;
    while (dwarf != NULL && dwarf_nextcu(dwarf, offset, &next, &header, NULL, NULL, NULL) == 0) {
        Dwarf_Die unit;
        if (dwarf_offdie(dwarf, offset + header, &unit) != NULL) {
            read_dies(r, &unit, is_relocatable, 0);
            read_lines(r, &unit, is_relocatable);
        }
        offset = next;
    }
    if (lines != NULL)
        qsort(lines, line_count, sizeof *lines, compare_lines);
    dwarf_end(dwarf);
    elf_end(elf);
    close(file);
    return text->bytes != NULL;
}

// ---------------------------------------------------------------- instructions

static int number_of(x86_reg name)
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

static void set_operands(struct instruction *out, const cs_insn *insn)
{
    const cs_x86 *x86 = &insn->detail->x86;
    for (int i = 0; i < x86->op_count; i++) {
        const cs_x86_op *operand = &x86->operands[i];
        if (operand->type == X86_OP_REG && i == 0)
            out->destination = (int8_t)number_of(operand->reg);
        if (operand->type == X86_OP_REG && i == x86->op_count - 1)
            out->source = (int8_t)number_of(operand->reg);
        if (operand->type == X86_OP_IMM) {
            out->has_immediate = true;
            out->immediate = operand->imm;
        }
        if (operand->type != X86_OP_MEM)
            continue;
        out->memory_size = operand->size;
        out->base = operand->mem.base == X86_REG_RIP ? -1 : (int8_t)number_of(operand->mem.base);
        out->index = (int8_t)number_of(operand->mem.index);
        out->scale = (uint8_t)operand->mem.scale;
        out->of_thread = operand->mem.segment == X86_REG_FS;
        out->displacement = operand->mem.disp;
        if (operand->mem.base == X86_REG_RIP)
            out->displacement += (int64_t)(insn->address + insn->size);
        if (insn->id != X86_INS_LEA && insn->id != X86_INS_NOP) {
            out->loads = operand->access & CS_AC_READ || i > 0;
            out->stores = operand->access & CS_AC_WRITE && i == 0;
            if (insn->id == X86_INS_MOV || insn->id == X86_INS_MOVAPS ||
                insn->id == X86_INS_MOVUPS || insn->id == X86_INS_MOVDQA ||
                insn->id == X86_INS_MOVDQU || insn->id == X86_INS_MOVQ ||
                insn->id == X86_INS_MOVSD || insn->id == X86_INS_MOVSS) {
                out->stores = i == 0;
                out->loads = i > 0;
            }
            if (insn->id == X86_INS_CMP || insn->id == X86_INS_TEST)
                out->stores = false;
        }
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
        int number = number_of((x86_reg)read[i]);
        if (number >= 0)
            out->reads |= 1U << number;
        out->reads_flags |= read[i] == X86_REG_EFLAGS;
    }
    for (int i = 0; i < written_count; i++) {
        int number = number_of((x86_reg)written[i]);
        if (number >= 0)
            out->writes |= 1U << number;
        out->writes_flags |= written[i] == X86_REG_EFLAGS;
    }
}

static void set_place(const struct recording *r, struct instruction *out)
{
    size_t low = 0, high = line_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (lines[middle].address <= out->address)
            low = middle + 1;
        else
            high = middle;
    }
    out->line = low > 0 ? lines[low - 1].line : 0;
    out->file = low > 0 ? lines[low - 1].file : 0;
    out->function = NOBODY;
    for (size_t i = 0; i < r->function_count; i++)
        if (out->address >= r->functions[i].start && out->address < r->functions[i].end)
            out->function = (int)i;
}

static struct instruction *make(const struct recording *r, csh decoder, const cs_insn *insn)
{
    struct instruction *out = calloc(1, sizeof *out);
    out->address = insn->address;
    out->size = (uint8_t)insn->size;
    out->destination = out->source = out->base = out->index = -1;
    out->function = NOBODY;
    set_operands(out, insn);
    set_registers(out, decoder, insn);
    out->operation = operation_of(out, insn);
    out->subtracts = insn->id == X86_INS_SUB;
    if (out->operation == OP_CONST && !out->has_immediate)
        out->immediate = 0;
    if (insn->id == X86_INS_PUSH) {
        out->stores = true, out->memory_size = 8, out->base = REGISTER_SP;
        out->displacement = -8, out->destination = -1;
        if (out->has_immediate)
            out->operation = OP_CONST;
    } else if (insn->id == X86_INS_POP) {
        out->loads = true, out->memory_size = 8, out->base = REGISTER_SP, out->source = -1;
    } else if (insn->id == X86_INS_CDQE || insn->id == X86_INS_CWDE) {
        out->source = out->destination = REGISTER_A;
        out->writes |= 1U << REGISTER_A;
    } else if (insn->id == X86_INS_CALL) {
        out->stores = true;
        out->loads = false;
        out->writes = 1U << REGISTER_SP;
    }
    set_place(r, out);
    return out;
}

// Instructions one after the other, from `address` on; `most`: no more than so many.
static void decode(struct recording *r, csh decoder, const struct text *text, uint64_t address,
                   uint64_t end, size_t most)
{
    cs_insn *insn = cs_malloc(decoder);
    if (address < text->start || address >= text->start + text->size)
        end = address;
    else if (end > text->start + text->size)
        end = text->start + text->size;
    const uint8_t *code = text->bytes + (address - text->start);
    size_t left = end - address;
    for (size_t i = 0; left > 0 && i < most; i++) {
        if (!cs_disasm_iter(decoder, &code, &left, &address, insn))
            break;
        struct instruction **place = &r->decoded[insn->address - r->code.start];
        if (insn->address >= r->code.start && insn->address < r->code.end && *place == NULL)
            *place = make(r, decoder, insn);
    }
    cs_free(insn, 1);
}

static bool decode_all(struct recording *r, const struct text *text)
{
    csh decoder;
    r->decoded = calloc(r->code.end - r->code.start, sizeof(struct instruction *));
    if (r->decoded == NULL || cs_open(CS_ARCH_X86, CS_MODE_64, &decoder) != 0)
        return false;
    cs_option(decoder, CS_OPT_DETAIL, CS_OPT_ON);
    for (size_t i = 0; i < r->function_count; i++)
        if (r->functions[i].start >= r->code.start && r->functions[i].end <= r->code.end)
            decode(r, decoder, text, r->functions[i].start, r->functions[i].end, SIZE_MAX);
    bool whole = true;
    for (size_t i = 0; i < r->step_count && whole; i++) {
        uint64_t ip = r->steps[i].ip;
        if (decoded_at(r, ip) == NULL)
            decode(r, decoder, text, ip, r->code.end, 1);
        whole = decoded_at(r, ip) != NULL;
    }
    cs_close(&decoder);
    return whole;
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

enum { THREADS_MOST = 1025, DEPTH_MOST = 4096 };
struct stack {
    int32_t calls[DEPTH_MOST];
    size_t depth;
    int32_t last;
};

static bool link_steps(struct recording *r)
{
    struct stack *stacks = calloc(THREADS_MOST, sizeof *stacks);
    r->previous = malloc((r->step_count + 1) * sizeof *r->previous);
    r->next = malloc((r->step_count + 1) * sizeof *r->next);
    r->parent = malloc((r->step_count + 1) * sizeof *r->parent);
    for (size_t i = 0; stacks != NULL && i < THREADS_MOST; i++)
        stacks[i].last = NOBODY;
    for (size_t i = 0; i < r->step_count; i++) {
        struct stack *stack = &stacks[r->steps[i].thread];
        int32_t last = stack->last;
        r->previous[i] = last;
        r->next[i] = NOBODY;
        if (last != NOBODY) {
            r->next[last] = (int32_t)i;
            const struct instruction *before = at(r, last);
            if (before->operation == OP_CALL && r->steps[last].call == 0 &&
                stack->depth < DEPTH_MOST)
                stack->calls[stack->depth++] = last;
            else if (before->operation == OP_RETURN && stack->depth > 0)
                stack->depth--;
        }
        r->parent[i] = stack->depth > 0 ? stack->calls[stack->depth - 1] : NOBODY;
        stack->last = (int32_t)i;
    }
    free(stacks);
    return true;
}

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
    void *const parts[] = {r->decoded,  r->functions, r->variables, r->numbers,
                           r->imports,  r->files,     r->steps,     r->calls,
                           r->previous, r->next,      r->parent,    r->writes};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        free(parts[i]);
    free(r);
}

struct recording *recording_load(int file, const char *program)
{
    struct recording *r = mem_alloc(sizeof *r);
    struct text text = {0};
    auto_str struct str data = STR_INIT;
    if (!read_all(file, &data) || !take_records(r, data.data, data.length) || !steps_are_sane(r) ||
        !read_program(r, program, &text) || !decode_all(r, &text)) {
        free(lines);
        lines = NULL;
        line_count = 0;
        free(text.bytes);
        recording_free(r);
        return NULL;
    }
    free(text.bytes);
    free(lines);
    lines = NULL;
    line_count = 0;
    count_call_sites(r);
    return link_steps(r) && collect_writes(r) ? r : NULL;
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

const char *callee(const struct recording *r, int32_t step)
{
    if (call_at(r, step) == NULL || at(r, step)->operation != OP_CALL)
        return "";
    uint64_t place = memory_address(r, step);
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
