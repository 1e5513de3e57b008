// SPDX-License-Identifier: MIT
// An address in words: function, file and line, for each function that was inlined there too.
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trace/resolver/resolver.h"
#include "trace/resolver/session.h"

struct place {
    const char *file;
    int line;
};

struct output {
    struct str *out;
    Dwarf_Addr pc;
    const char *module; // the last part of its file's name
    size_t count, most;
};

void json_append_bytes(struct str *out, const void *bytes, size_t length, size_t most)
{
    auto_str struct str text = STR_INIT;
    text_append_escaped(&text, bytes, length < most ? length : most);
    str_append_char(out, '"');
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\\' || text.data[i] == '"')
            str_append_char(out, '\\');
        str_append_char(out, text.data[i]);
    }
    str_append_char(out, '"');
}

static void add_text(struct str *out, const char *name, const char *text)
{
    str_append_format(out, "\"%s\":", name);
    json_append_bytes(out, text, strlen(text), RESOLVER_TEXT_MOST);
    str_append_char(out, ',');
}

// Without "./" at its beginning. NULL for what lies outside of the folder that was compiled.
static const char *own_name(const char *file)
{
    if (file == NULL)
        return NULL;
    while (str_starts_with(file, "./"))
        for (file += 2; *file == '/';)
            file++;
    if (file[0] == '/' || file[0] == '\0' || file[0] == '<')
        return NULL;
    for (const char *part = file; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return NULL;
    }
    return file;
}

static void add_object(struct output *output, const char *function, struct place place)
{
    if (output->count >= output->most)
        return;
    struct str *out = output->out;
    const char *own = place.line > 0 ? own_name(place.file) : NULL;
    str_append_char(out, '{');
    if (function != NULL)
        add_text(out, "function", function);
    if (own != NULL) {
        add_text(out, "file", own);
        str_append_format(out, "\"line\":%d,\"own\":true,", place.line);
    }
    if (output->module != NULL)
        add_text(out, "in", output->module);
    str_append_format(out, "\"pc\":\"0x%llx\"},", (unsigned long long)output->pc);
    output->count++;
}

// Where the call of an inlined function stands.
static struct place call_place(Dwarf_Die *inlined)
{
    struct place place = {NULL, 0};
    Dwarf_Attribute attribute;
    Dwarf_Word file_index = 0, line = 0;
    Dwarf_Die unit;
    Dwarf_Files *files;
    size_t file_count = 0;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file_index) == 0 &&
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) == 0 &&
        dwarf_diecu(inlined, &unit, NULL, NULL) != NULL &&
        dwarf_getsrcfiles(&unit, &files, &file_count) == 0 && file_index < file_count &&
        line <= INT32_MAX) {
        place.file = dwarf_filesrc(files, file_index, NULL, NULL);
        place.line = (int)line;
    }
    return place;
}

// The functions whose code the address is, from the innermost inlined one to the one that was
// compiled. False when the debugging data does not say.
static bool add_scopes(struct output *output, Dwfl_Module *module, Dwarf_Addr address,
                       struct place place)
{
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit = dwfl_module_addrdie(module, address, &bias);
    Dwarf_Die *scopes = NULL, *chain = NULL;
    if (unit == NULL || dwarf_getscopes(unit, address - bias, &scopes) <= 0) {
        free(scopes);
        return false;
    }
    // dwarf_getscopes goes from an inlined function to where it was written; what is asked here is
    // where it was put.
    int count = dwarf_getscopes_die(&scopes[0], &chain);
    bool found = false;
    for (int i = 0; i < count && !found && output->count < output->most; i++) {
        int tag = dwarf_tag(&chain[i]);
        if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
            add_object(output, dwarf_diename(&chain[i]), place);
        if (tag == DW_TAG_inlined_subroutine)
            place = call_place(&chain[i]);
        found = tag == DW_TAG_subprogram;
    }
    free(scopes);
    free(chain);
    return found || output->count > 0;
}

size_t frame_append(Dwfl *dwfl, Dwarf_Addr pc, bool exact, size_t most, struct str *out)
{
    struct output output = {.out = out, .pc = pc, .most = most};
    Dwarf_Addr address = exact || pc == 0 ? pc : pc - 1;
    struct place place = {NULL, 0};
    Dwfl_Module *module = dwfl_addrmodule(dwfl, address);
    const char *function = NULL;
    if (module != NULL) {
        const char *name = dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
        const char *slash = name != NULL ? strrchr(name, '/') : NULL;
        output.module = slash != NULL ? slash + 1 : name;
        Dwfl_Line *line = dwfl_module_getsrc(module, address);
        if (line != NULL)
            place.file = dwfl_lineinfo(line, NULL, &place.line, NULL, NULL, NULL);
        if (own_name(place.file) != NULL && add_scopes(&output, module, address, place))
            return output.count;
        function = dwfl_module_addrname(module, address);
    }
    add_object(&output, function, place);
    return output.count;
}
