// SPDX-License-Identifier: MIT
// Heads of wrong and accepted programs.
// parser: runner/validate/head.c
#include "target.h"

#include <string.h>

#include "validate/head.h"

static void judge(struct head *head, bool good, struct err *err)
{
    if (!good) {
        must_be_a_line(err->message);
        MUST(err->kind == ERR_LAB && err->cure != NULL);
    }
    err_release(err);
    const struct strings *const lists[] = {&head->breaks, &head->may_break, &head->differs};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            MUST(head_covers(lists[i], lists[i]->items[j]));
    head_release(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *text = mem_alloc(size + 1);
    if (size > 0)
        memcpy(text, data, size);
    struct head patch = {0}, accepted = {0};
    struct err err = ERR_INIT;
    bool good =
        head_read_patch("x.patch", text, &patch, &err) && head_is_whole("x.patch", &patch, &err);
    if (good)
        MUST(patch.bug[0] != '\0' && patch.breaks.count > 0);
    head_covers(&patch.may_break, "step/check");
    judge(&patch, good, &err);
    judge(&accepted, head_read_accepted("x.sh", text, &accepted, &err), &err);
    return 0;
}
