// SPDX-License-Identifier: MIT
// The resolver's lines: what it read was made by a learner's program.
// parser: runner/trace/events_read.c
#include "target.h"

#include <string.h>

#include "trace/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct events events = {0};
    struct check_result check = {0};
    char *text = mem_alloc(size + 1);
    if (size > 0)
        memcpy(text, data, size);
    events_read(text, size, &events);
    for (size_t i = 0; i < events.count; i++) {
        MUST(events.items[i].piece_count <= SNAPSHOT_PIECES);
        MUST((events.items[i].shown.frame_count == 0) || events.items[i].frames != NULL);
    }
    events_join(&events, &check, NULL);
    events_release(&events);
    free(text);
    return 0;
}
