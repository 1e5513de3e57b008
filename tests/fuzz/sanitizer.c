// SPDX-License-Identifier: MIT
// Reports of sanitizers in what a program wrote: forged, cut off, full of anything.
// parser: runner/trace/sanitizer.c
#include "target.h"

#include <string.h>

#include "trace/sanitizer.h"

static void must_be_bounded(const struct sanitizer_report *report)
{
    MUST(report->text != NULL);
    for (size_t i = 0; i < STACKS; i++) {
        MUST(report->stacks[i].count <= SANITIZER_FRAMES_MOST);
        for (size_t j = 0; j < report->stacks[i].count; j++)
            MUST(report->stacks[i].frames[j].line >= 0);
    }
    MUST(report->variable_line >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sanitizer_report report = {0};
    // Exactly so many bytes, and no NUL behind them.
    char *text = malloc(size > 0 ? size : 1);
    if (size > 0)
        memcpy(text, data, size);
    if (sanitizer_read(text, size, &report)) {
        must_be_bounded(&report);
        char *help = sanitizer_help(&report, "memcpy", "    memcpy(a, b, n);");
        if (help != NULL)
            must_be_a_line(help);
        free(help);
        sanitizer_release(&report);
    }
    free(text);
    return 0;
}
