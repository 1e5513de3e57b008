// SPDX-License-Identifier: MIT
// What the compiler, the assembler and the linkers say: cut anywhere, full of anything.
// parser: runner/build/diagnostics.c runner/build/linker.c
#include "target.h"

#include <string.h>

#include "build/diagnostics.h"

static const char server[] = "#include <stdio.h>\n"
                             "\n"
                             "int main(void)\n"
                             "{\n"
                             "\treturn undeclared; // \xc3\xa9\r\n"
                             "}";

static void must_be_sorted(const struct diagnostics *found)
{
    bool behind = false;
    for (size_t i = 0; i < found->count; i++) {
        const struct build_diagnostic *item = &found->items[i];
        must_be_a_line(item->severity);
        if (item->message[0] != '\0')
            must_be_a_line(item->message);
        if (item->file != NULL)
            must_be_a_line(item->file);
        MUST(item->line >= 0 && item->column >= 0 && item->caret_from >= 0);
        MUST(item->caret_from == 0 || item->source_line != NULL);
        MUST(item->caret_to >= item->caret_from);
        if (strcmp(item->severity, "note") == 0)
            continue;
        bool error = strcmp(item->severity, "error") == 0;
        MUST(!(behind && error));
        behind = behind || !error;
    }
    MUST(found->count <= DIAGNOSTICS_MOST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sources sources = {NULL, 0, NULL};
    sources_put(&sources, "server.c", server, sizeof server - 1);
    sources_put(&sources, "net/empty.c", "", 0);
    char *text = mem_alloc(size + 1);
    if (size > 0)
        memcpy(text, data, size);
    struct diagnostics found = {0}, quiet = {0};
    struct str raw = STR_INIT;
    diagnostics_read(text, &sources, &found, &raw);
    diagnostics_read(text, &sources, &quiet, NULL);
    must_be_sorted(&found);
    MUST(found.count == quiet.count && found.left_out == quiet.left_out);
    for (size_t i = 0; i < raw.length; i++)
        MUST(raw.data[i] == '\n' || ((unsigned char)raw.data[i] >= 0x20 && raw.data[i] != 0x7f));
    diagnostics_release(&found);
    diagnostics_release(&quiet);
    str_release(&raw);
    free(text);
    sources_release(&sources);
    return 0;
}
