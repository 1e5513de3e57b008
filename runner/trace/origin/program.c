// SPDX-License-Identifier: MIT
// The program's own file: its code, its imports, and what its debugging data names. All of it may
// be made up.
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "trace/origin/origin.h"

enum {
    FILES_MOST = 256,
    NAMES_MOST = 65536, // functions, and variables, and numbers, and imports
    LINES_MOST = 4 * 1000 * 1000,
    ENTRIES_MOST = 1000 * 1000, // of debugging data
    DEPTH_MOST = 40
};

static uint64_t in_memory(const struct recording *r, uint64_t address, bool is_relocatable)
{
    return is_relocatable ? address + r->code.base : address;
}

static void add_import(struct recording *r, uint64_t address, const char *name)
{
    if (name == NULL || *name == '\0' || r->import_count == NAMES_MOST)
        return;
    r->imports = mem_resize(r->imports, (r->import_count + 1) * sizeof *r->imports);
    r->imports[r->import_count++] = (struct import){address, mem_copy_string(name)};
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
            if (gelf_getrela(data, (int)i, &entry) == NULL)
                break;
            if (table != NULL && gelf_getsym(table, (int)GELF_R_SYM(entry.r_info), &symbol) != NULL)
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
        return NOBODY;
    r->files = mem_resize(r->files, (r->file_count + 1) * sizeof *r->files);
    r->files[r->file_count] = mem_copy_string(name);
    return (int)r->file_count++;
}

static void add_function(struct recording *r, Dwarf_Die *die, bool is_relocatable)
{
    Dwarf_Addr low, high;
    const char *name = dwarf_diename(die);
    if (name == NULL || dwarf_lowpc(die, &low) != 0 || dwarf_highpc(die, &high) != 0 ||
        r->function_count == NAMES_MOST || high <= low)
        return;
    r->functions = mem_resize(r->functions, (r->function_count + 1) * sizeof *r->functions);
    r->functions[r->function_count++] =
        (struct function){.name = mem_copy_string(name),
                          .start = in_memory(r, low, is_relocatable),
                          .end = in_memory(r, high, is_relocatable)};
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
    const char *path = dwarf_decl_file(die), *name = dwarf_diename(die);
    int file = file_number(r, path != NULL ? path : "?");
    if (file == NOBODY)
        return;
    if (dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &type_attribute), &type) != NULL)
        dwarf_aggregate_size(&type, &size);
    r->variables = mem_resize(r->variables, (r->variable_count + 1) * sizeof *r->variables);
    r->variables[r->variable_count++] =
        (struct variable){in_memory(r, operations[0].number, is_relocatable), size, line, file,
                          mem_copy_string(name != NULL ? name : "?")};
}

static void add_numbers(struct recording *r, Dwarf_Die *type, int *left)
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
        r->numbers = mem_resize(r->numbers, (r->number_count + 1) * sizeof *r->numbers);
        r->numbers[r->number_count++] = (struct named_number){value, mem_copy_string(name)};
    } while (--*left > 0 && dwarf_siblingof(&child, &child) == 0);
}

// `left`: how many entries are still looked at. Their chain may be made up, and lead back.
static void read_dies(struct recording *r, Dwarf_Die *die, bool is_relocatable, int depth,
                      int *left)
{
    Dwarf_Die child;
    if (depth > DEPTH_MOST || dwarf_child(die, &child) != 0)
        return;
    do {
        int tag = dwarf_tag(&child);
        if (tag == DW_TAG_subprogram)
            add_function(r, &child, is_relocatable);
        else if (tag == DW_TAG_variable)
            add_variable(r, &child, is_relocatable);
        else if (tag == DW_TAG_enumeration_type)
            add_numbers(r, &child, left);
        if (tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block)
            read_dies(r, &child, is_relocatable, depth + 1, left);
    } while (--*left > 0 && dwarf_siblingof(&child, &child) == 0);
}

static int compare_lines(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static void read_lines(struct recording *r, Dwarf_Die *unit, bool is_relocatable)
{
    Dwarf_Lines *table;
    size_t count;
    if (dwarf_getsrclines(unit, &table, &count) != 0 || count > LINES_MOST - r->line_count)
        return;
    r->lines = mem_resize(r->lines, (r->line_count + count + 1) * sizeof *r->lines);
    for (size_t i = 0; i < count; i++) {
        Dwarf_Line *line = dwarf_onesrcline(table, i);
        Dwarf_Addr address;
        int number;
        bool ends;
        if (dwarf_lineaddr(line, &address) != 0 || dwarf_lineno(line, &number) != 0 ||
            dwarf_lineendsequence(line, &ends) != 0)
            continue;
        const char *name = dwarf_linesrc(line, NULL, NULL);
        int file = file_number(r, name != NULL ? name : "?");
        bool is_place = !ends && file != NOBODY && number > 0;
        r->lines[r->line_count++] = (struct line){in_memory(r, address, is_relocatable),
                                                  is_place ? number : 0, is_place ? file : 0};
    }
}

static void read_debugging_data(struct recording *r, Elf *elf, bool is_relocatable)
{
    Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    Dwarf_Off offset = 0, next;
    size_t header;
    int left = ENTRIES_MOST;
    while (dwarf != NULL && left > 0 &&
           dwarf_nextcu(dwarf, offset, &next, &header, NULL, NULL, NULL) == 0) {
        Dwarf_Die unit;
        if (dwarf_offdie(dwarf, offset + header, &unit) != NULL) {
            read_dies(r, &unit, is_relocatable, 0, &left);
            read_lines(r, &unit, is_relocatable);
        }
        offset = next;
        left--;
    }
    dwarf_end(dwarf);
    if (r->lines != NULL)
        qsort(r->lines, r->line_count, sizeof *r->lines, compare_lines);
}

static void copy_part(const struct recording *r, const char *whole, size_t file_size,
                      const GElf_Phdr *part, bool is_relocatable, struct file_part *out)
{
    if (part->p_offset > file_size || part->p_filesz > file_size - part->p_offset)
        return;
    out->bytes = mem_alloc(part->p_filesz + 1);
    memcpy(out->bytes, whole + part->p_offset, part->p_filesz);
    out->start = in_memory(r, part->p_vaddr, is_relocatable);
    out->size = part->p_filesz;
}

// Of the executable part, and of the constants behind it.
static void read_parts(struct recording *r, Elf *elf, bool is_relocatable)
{
    size_t file_size = 0, count = 0;
    const char *whole = elf_rawfile(elf, &file_size);
    if (elf_getphdrnum(elf, &count) != 0)
        return;
    for (size_t i = 0; whole != NULL && i < count; i++) {
        GElf_Phdr part;
        if (gelf_getphdr(elf, (int)i, &part) == NULL || part.p_type != PT_LOAD)
            continue;
        bool is_text = part.p_flags & PF_X;
        if (is_text && r->text.bytes == NULL)
            copy_part(r, whole, file_size, &part, is_relocatable, &r->text);
        else if (!is_text && !(part.p_flags & PF_W) && r->text.bytes != NULL &&
                 r->constants.bytes == NULL)
            copy_part(r, whole, file_size, &part, is_relocatable, &r->constants);
    }
}

bool program_read(struct recording *r, const char *path)
{
    auto_close int file = open(path, O_RDONLY | O_CLOEXEC);
    elf_version(EV_CURRENT);
    Elf *elf = file < 0 ? NULL : elf_begin(file, ELF_C_READ_MMAP, NULL);
    GElf_Ehdr head;
    if (elf != NULL && gelf_getehdr(elf, &head) != NULL) {
        bool is_relocatable = head.e_type == ET_DYN;
        read_imports(r, elf, is_relocatable);
        read_parts(r, elf, is_relocatable);
        read_debugging_data(r, elf, is_relocatable);
    }
    elf_end(elf);
    return r->text.bytes != NULL;
}
