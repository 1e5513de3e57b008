// SPDX-License-Identifier: MIT
// Snapshots: what the tracer wrote of a learner's program. The seeds are made by made/snapshots.c,
// of a program (made/program.c) whose code lies where they say.
// parser: runner/trace/resolver/read.c runner/trace/resolver/maps.c runner/trace/resolver/write.c
// parser: runner/trace/resolver/session.c runner/trace/resolver/frame.c
#include "target.h"

#include <string.h>

#include "trace/events.h"
#include "trace/resolver/resolver.h"

static void must_be_lines(const struct str *lines)
{
    struct events events = {0};
    for (size_t i = 0; i < lines->length; i++)
        MUST(lines->data[i] == '\n' || (lines->data[i] >= 0x20 && lines->data[i] < 0x7f));
    MUST(events_read(str_text(lines), lines->length, &events));
    for (size_t i = 0; i < events.count; i++) {
        MUST(events.items[i].frame_count <= RESOLVER_DEPTH);
        for (size_t j = 0; j < events.items[i].frame_count; j++) {
            const char *file = events.items[i].frames[j].file;
            MUST(file == NULL || (file[0] != '/' && strncmp(file, "..", 2) != 0));
        }
    }
    events_release(&events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_str struct str lines = STR_INIT;
    unsigned char *copy = mem_alloc(size > 0 ? size : 1); // its end is where a sanitizer sees it
    if (size > 0)
        memcpy(copy, data, size);
    if (resolver_read(copy, size, FUZZ_PROGRAM, &lines))
        must_be_lines(&lines);
    else
        MUST(lines.length == 0);
    free(copy);
    return 0;
}
