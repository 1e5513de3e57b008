// SPDX-License-Identifier: MIT
// The machine's memory and its decoded instructions; execute.c does them.
#include "trace/tracer/machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "trace/tracer/machine_parts.h"

struct machine *machine_new(uint64_t start, uint64_t end)
{
    struct machine *machine = calloc(1, sizeof *machine);
    if (machine == NULL || end <= start || end - start > MACHINE_CODE_MOST) {
        free(machine);
        return NULL;
    }
    machine->start = start;
    machine->end = end;
    machine->decoded = calloc(end - start, sizeof(cs_insn *));
    if (machine->decoded == NULL || cs_open(CS_ARCH_X86, CS_MODE_64, &machine->decoder) != 0) {
        free(machine->decoded);
        free(machine);
        return NULL;
    }
    cs_option(machine->decoder, CS_OPT_DETAIL, CS_OPT_ON);
    return machine;
}

// Code that never repeats must not fill the memory.
static void forget_decoded(struct machine *machine)
{
    for (size_t i = 0; i < machine->decoded_count; i++) {
        cs_insn **place = &machine->decoded[machine->decoded_at[i]];
        cs_free(*place, 1);
        *place = NULL;
    }
    machine->decoded_count = 0;
}

void machine_free(struct machine *machine)
{
    if (machine == NULL)
        return;
    forget_decoded(machine);
    cs_close(&machine->decoder);
    free(machine->decoded);
    free(machine);
}

bool machine_has_code(const struct machine *machine, uint64_t ip)
{
    return ip >= machine->start && ip < machine->end;
}

// ---------------------------------------------------------------- memory

// The stores, in their order. The kernel says how many bytes it could write: the first store that
// is not among them was lost, and all behind it.
static bool flush(struct machine *machine, pid_t tid)
{
    static struct iovec here[MACHINE_STORES], there[MACHINE_STORES];
    size_t count = machine->store_count, done = 0;
    machine->store_count = machine->page_count = 0;
    if (count == 0 || machine->lost)
        return !machine->lost;
    for (size_t i = 0; i < count; i++) {
        struct store *store = &machine->stores[i];
        here[i] = (struct iovec){store->bytes, store->size};
        there[i] = (struct iovec){(void *)(uintptr_t)store->address, store->size}; // NOLINT
    }
    ssize_t written = process_vm_writev(tid, here, count, there, count, 0);
    for (size_t i = 0; i < count && !machine->lost; i++) {
        done += machine->stores[i].size;
        machine->lost = written < 0 || done > (size_t)written;
        machine->lost_store = machine->stores[i];
    }
    return !machine->lost;
}

bool machine_flush(struct machine *machine, pid_t tid, struct cpu *cpu, size_t *undone)
{
    bool good = flush(machine, tid);
    *undone = good ? 0 : machine->number - machine->lost_store.number;
    if (!good)
        *cpu = machine->lost_store.before;
    machine->number = 0;
    machine->lost = false;
    return good;
}

static struct page *page_of(struct machine *machine, pid_t tid, uint64_t address)
{
    uint64_t start = address & ~(uint64_t)(PAGE_BYTES - 1);
    if (machine->lost)
        return NULL;
    for (size_t i = 0; i < machine->page_count; i++)
        if (machine->pages[i].address == start)
            return &machine->pages[i];
    if (machine->page_count == MACHINE_PAGES && !flush(machine, tid))
        return NULL;
    struct page *page = &machine->pages[machine->page_count];
    struct iovec here = {page->bytes, PAGE_BYTES};
    struct iovec there = {(void *)(uintptr_t)start, PAGE_BYTES}; // NOLINT: of another process
    if (process_vm_readv(tid, &here, 1, &there, 1, 0) != PAGE_BYTES)
        return NULL;
    page->address = start;
    machine->page_count++;
    return page;
}

bool machine_read(struct machine *machine, pid_t tid, uint64_t address, void *to, size_t size)
{
    unsigned char *out = to;
    for (size_t done = 0; done < size;) {
        struct page *page = page_of(machine, tid, address + done);
        if (page == NULL)
            return false;
        size_t at = (address + done) & (PAGE_BYTES - 1);
        size_t part = PAGE_BYTES - at < size - done ? PAGE_BYTES - at : size - done;
        memcpy(out + done, page->bytes + at, part);
        done += part;
    }
    return true;
}

// Both pages of a store that crosses from one to the next are there before one of them changes: a
// flush between would forget the half that is not yet among the stores.
bool machine_write(struct machine *machine, pid_t tid, uint64_t address, const void *from,
                   size_t size)
{
    bool full = machine->store_count == MACHINE_STORES || machine->page_count + 2 > MACHINE_PAGES;
    if (size > sizeof machine->stores[0].bytes || (full && !flush(machine, tid)) ||
        page_of(machine, tid, address) == NULL || page_of(machine, tid, address + size - 1) == NULL)
        return false;
    for (size_t done = 0; done < size; done++) {
        struct page *page = page_of(machine, tid, address + done);
        page->bytes[(address + done) & (PAGE_BYTES - 1)] = ((const unsigned char *)from)[done];
    }
    struct store *store = &machine->stores[machine->store_count++];
    store->address = address;
    store->size = size;
    store->before = *machine->before;
    store->number = machine->number;
    memcpy(store->bytes, from, size);
    return true;
}

// ---------------------------------------------------------------- instructions

const cs_insn *machine_decode(struct machine *machine, pid_t tid, uint64_t ip)
{
    if (!machine_has_code(machine, ip))
        return NULL;
    cs_insn **place = &machine->decoded[ip - machine->start];
    if (*place != NULL)
        return *place;
    unsigned char bytes[15];
    uint64_t left = machine->end - ip;
    size_t size = left < sizeof bytes ? (size_t)left : sizeof bytes;
    if (machine->decoded_count == MACHINE_DECODED_MOST)
        forget_decoded(machine);
    if (!machine_read(machine, tid, ip, bytes, size) ||
        cs_disasm(machine->decoder, bytes, size, ip, 1, place) != 1) {
        *place = NULL;
        return NULL;
    }
    machine->decoded_at[machine->decoded_count++] = (uint32_t)(ip - machine->start);
    return *place;
}
