// SPDX-License-Identifier: MIT
/*
 * Who wrote a byte of memory last. Writes are kept in the order of time, and small ones, which are
 * nearly all, also by the stretch of memory that they touch: a question looks at one stretch alone.
 */
#include <stdlib.h>

#include "base/str.h"
#include "trace/origin/origin.h"

enum { STRETCH = 64, WRITES_MOST = 4 * 1000 * 1000 };

struct write {
    int32_t step;
    uint64_t address, size;
};
struct touch {
    uint64_t stretch;
    int32_t write;
};
struct writes {
    struct write *items;
    size_t count, room;
    struct touch *touches; // by stretch, then time
    size_t touch_count;
    int32_t *large; // writes of more than a stretch
    size_t large_count;
};

static void add_write(struct writes *writes, struct write write)
{
    if (write.size == 0 || writes->count == WRITES_MOST)
        return;
    if (writes->count == writes->room) {
        writes->room = writes->room == 0 ? 8192 : 2 * writes->room;
        writes->items = mem_resize(writes->items, writes->room * sizeof *writes->items);
    }
    writes->items[writes->count++] = write;
}

static void add_step(struct writes *writes, const struct recording *r, int32_t step)
{
    const struct instruction *insn = at(r, step);
    if (r->steps[step].call != 0) {
        struct written written[WRITTEN_MOST];
        size_t count = call_writes(r, step, written);
        for (size_t i = 0; i < count; i++)
            add_write(writes, (struct write){step, written[i].address, written[i].size});
    } else if (insn->stores && insn->operation != OP_CALL) {
        add_write(writes, (struct write){step, memory_address(r, step), insn->memory_size});
    }
}

static int compare(const void *a, const void *b)
{
    const struct touch *x = a, *y = b;
    if (x->stretch != y->stretch)
        return x->stretch < y->stretch ? -1 : 1;
    return x->write < y->write ? -1 : x->write > y->write;
}

static void sort(struct writes *writes)
{
    writes->touches = mem_alloc_array(2 * writes->count + 1, sizeof *writes->touches);
    writes->large = mem_alloc_array(writes->count + 1, sizeof *writes->large);
    for (size_t i = 0; i < writes->count; i++) {
        const struct write *write = &writes->items[i];
        uint64_t first = write->address / STRETCH,
                 last = (write->address + write->size - 1) / STRETCH;
        if (write->size > STRETCH) {
            writes->large[writes->large_count++] = (int32_t)i;
            continue;
        }
        writes->touches[writes->touch_count++] = (struct touch){first, (int32_t)i};
        if (last != first)
            writes->touches[writes->touch_count++] = (struct touch){last, (int32_t)i};
    }
    qsort(writes->touches, writes->touch_count, sizeof *writes->touches, compare);
}

struct writes *writes_collect(const struct recording *r)
{
    struct writes *writes = mem_alloc(sizeof *writes);
    for (int32_t i = 0; i < (int32_t)r->step_count; i++)
        add_step(writes, r, i);
    sort(writes);
    return writes;
}

void writes_free(struct writes *writes)
{
    if (writes == NULL)
        return;
    free(writes->items);
    free(writes->touches);
    free(writes->large);
    free(writes);
}

static bool holds(const struct writes *writes, int32_t write, uint64_t address)
{
    return address - writes->items[write].address < writes->items[write].size;
}

// The latest small write before a step, as its place among all; NOBODY.
static int32_t latest_small(const struct writes *writes, int32_t before, uint64_t address)
{
    uint64_t stretch = address / STRETCH;
    size_t low = 0, high = writes->touch_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct touch *touch = &writes->touches[middle];
        if (touch->stretch < stretch ||
            (touch->stretch == stretch && writes->items[touch->write].step < before))
            low = middle + 1;
        else
            high = middle;
    }
    while (low-- > 0 && writes->touches[low].stretch == stretch)
        if (holds(writes, writes->touches[low].write, address))
            return writes->touches[low].write;
    return NOBODY;
}

static int32_t latest_large(const struct writes *writes, int32_t before, uint64_t address)
{
    for (size_t i = writes->large_count; i-- > 0;)
        if (writes->items[writes->large[i]].step < before &&
            holds(writes, writes->large[i], address))
            return writes->large[i];
    return NOBODY;
}

int32_t memory_writer(const struct recording *r, int32_t before, uint64_t address)
{
    int32_t small = latest_small(r->writes, before, address);
    int32_t large = latest_large(r->writes, before, address);
    int32_t latest = small > large ? small : large;
    return latest == NOBODY ? NOBODY : r->writes->items[latest].step;
}
