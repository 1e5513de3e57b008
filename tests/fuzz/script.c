// SPDX-License-Identifier: MIT
// The text of a script: what is read is written, and read again, the same.
// parser: fixtures/scripted/text.c fixtures/scripted/script.c
#include "target.h"

#include <string.h>

#include "scripted/script.h"

static void write_all(const struct scripts *scripts, struct str *out)
{
    for (size_t i = 0; i < scripts->count; i++)
        script_write(&scripts->items[i], out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_str struct str text = STR_INIT;
    auto_str struct str first = STR_INIT;
    auto_str struct str second = STR_INIT;
    struct scripts scripts, again;
    struct err err = ERR_INIT;
    str_append_bytes(&text, data, size);
    if (!scripts_read(str_text(&text), &scripts, &err)) {
        MUST(err.kind == ERR_USAGE);
        err_release(&err);
        return 0;
    }
    write_all(&scripts, &first);
    MUST(scripts_read(str_text(&first), &again, &err));
    write_all(&again, &second);
    MUST(strcmp(str_text(&first), str_text(&second)) == 0);
    scripts_release(&scripts);
    scripts_release(&again);
    return 0;
}
