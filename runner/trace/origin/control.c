// SPDX-License-Identifier: MIT
// Which condition let an instruction be executed, and what lies the other way.
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "trace/origin/origin.h"

enum { BLOCKS_MOST = 1024, WORDS = BLOCKS_MOST / 64 };

struct block {
    uint64_t start, end;
    int after[2]; // blocks, -1: none
};
struct graph {
    struct block blocks[BLOCKS_MOST];
    int count;
    uint64_t surely[BLOCKS_MOST][WORDS]; // blocks that are met on each way from here to the end
    // The same, when a loop may go on for ever: then it is met on none of the ways behind it.
    uint64_t inevitably[BLOCKS_MOST][WORDS];
};

static int block_of(const struct graph *graph, uint64_t address)
{
    for (int i = 0; i < graph->count; i++)
        if (address >= graph->blocks[i].start && address < graph->blocks[i].end)
            return i;
    return -1;
}

static bool ends_block(const struct instruction *insn)
{
    return insn->operation == OP_JUMP || insn->operation == OP_GOTO || insn->operation == OP_RETURN;
}

// Which bytes of a function a jump in it leads to; the caller frees.
static bool *find_targets(const struct recording *r, const struct function *function)
{
    uint64_t size = function->end - function->start;
    bool *targets = mem_alloc_array(size, sizeof *targets);
    for (uint64_t i = 0; i < size; i++) {
        const struct instruction *insn = decoded_at(r, function->start + i);
        if (insn != NULL && (insn->operation == OP_JUMP || insn->operation == OP_GOTO) &&
            insn->has_immediate && (uint64_t)insn->immediate - function->start < size)
            targets[(uint64_t)insn->immediate - function->start] = true;
    }
    return targets;
}

static void make_blocks(const struct recording *r, const struct function *function,
                        struct graph *graph)
{
    auto_free bool *targets = find_targets(r, function);
    uint64_t start = function->start;
    for (uint64_t i = function->start; i < function->end;) {
        const struct instruction *insn = decoded_at(r, i);
        uint64_t next = i + (insn != NULL ? insn->size : 1);
        bool ends = insn == NULL || ends_block(insn) || next >= function->end ||
                    targets[next - function->start];
        if (ends && graph->count < BLOCKS_MOST) {
            graph->blocks[graph->count++] = (struct block){start, next, {-1, -1}};
            start = next;
        }
        i = next;
    }
}

static const struct instruction *last_of(const struct recording *r, const struct block *block)
{
    const struct instruction *last = NULL;
    for (uint64_t i = block->start; i < block->end;) {
        const struct instruction *insn = decoded_at(r, i);
        last = insn != NULL ? insn : last;
        i += insn != NULL ? insn->size : 1;
    }
    return last;
}

static void link_blocks(const struct recording *r, struct graph *graph)
{
    for (int i = 0; i < graph->count; i++) {
        struct block *block = &graph->blocks[i];
        const struct instruction *last = last_of(r, block);
        if (last == NULL)
            continue;
        if (last->operation != OP_RETURN && last->operation != OP_GOTO)
            block->after[0] = block_of(graph, block->end);
        if ((last->operation == OP_JUMP || last->operation == OP_GOTO) && last->has_immediate)
            block->after[1] = block_of(graph, (uint64_t)last->immediate);
    }
}

// One turn over all blocks. Returns whether anything was another than before.
static bool pass_over(const struct graph *graph, uint64_t (*met)[WORDS])
{
    bool changed = false;
    for (int i = graph->count - 1; i >= 0; i--) {
        const int *after = graph->blocks[i].after;
        for (int w = 0; w < WORDS; w++) {
            uint64_t now = after[0] < 0 && after[1] < 0 ? 0 : ~(uint64_t)0;
            for (int k = 0; k < 2; k++)
                if (after[k] >= 0)
                    now &= met[after[k]][w];
            if (i / 64 == w)
                now |= (uint64_t)1 << (i % 64);
            changed = changed || now != met[i][w];
            met[i][w] = now;
        }
    }
    return changed;
}

// Ways that never end: they are left out of account when the sets begin full, and lead nowhere when
// they begin empty.
static void find_sure(struct graph *graph)
{
    for (int i = 0; i < graph->count; i++)
        memset(graph->surely[i], 0xff, sizeof graph->surely[i]);
    while (pass_over(graph, graph->surely))
        continue;
    while (pass_over(graph, graph->inevitably))
        continue;
}

static bool is_inevitable(const struct graph *graph, int from, int block)
{
    return graph->inevitably[from][block / 64] >> (block % 64) & 1;
}

static bool is_sure(const struct graph *graph, int from, int block)
{
    return graph->surely[from][block / 64] >> (block % 64) & 1;
}

static struct graph *graph_of(struct recording *r, int number)
{
    if (number == NOBODY)
        return NULL;
    struct function *function = &r->functions[number];
    if (function->graph == NULL && function->end - function->start < 256 * 1024) {
        function->graph = mem_alloc(sizeof *function->graph);
        make_blocks(r, function, function->graph);
        link_blocks(r, function->graph);
        find_sure(function->graph);
    }
    return function->graph;
}

int32_t control_of(struct recording *r, int32_t step)
{
    int function = at(r, step)->function;
    struct graph *graph = graph_of(r, function);
    int block = graph == NULL ? -1 : block_of(graph, r->steps[step].ip);
    if (block < 0)
        return NOBODY;
    for (int32_t i = r->previous[step]; i != NOBODY && i != r->parent[step]; i = r->previous[i]) {
        if (r->parent[i] != r->parent[step] || at(r, i)->operation != OP_JUMP ||
            at(r, i)->function != function)
            continue;
        int from = block_of(graph, r->steps[i].ip);
        if (from < 0 || (is_sure(graph, from, block) && from != block))
            continue;
        for (int k = 0; k < 2; k++)
            if (graph->blocks[from].after[k] >= 0 &&
                is_sure(graph, graph->blocks[from].after[k], block))
                return i;
    }
    return NOBODY;
}

// Does the jump go on where the step is met for certain, and not on its other way?
static bool leaves_loop(const struct recording *r, const struct graph *graph, int32_t jump,
                        int block)
{
    int from = block_of(graph, r->steps[jump].ip);
    if (from < 0 || r->next[jump] == NOBODY || is_inevitable(graph, from, block))
        return false;
    int taken = block_of(graph, r->steps[r->next[jump]].ip);
    return taken >= 0 && is_inevitable(graph, taken, block);
}

int32_t loop_exit_of(struct recording *r, int32_t step,
                     bool (*is_wanted)(struct recording *r, int32_t jump))
{
    int function = at(r, step)->function;
    struct graph *graph = graph_of(r, function);
    int block = graph == NULL ? -1 : block_of(graph, r->steps[step].ip);
    for (int32_t i = block < 0 ? NOBODY : r->previous[step]; i != NOBODY && i != r->parent[step];
         i = r->previous[i]) {
        if (r->parent[i] != r->parent[step] || at(r, i)->operation != OP_JUMP ||
            at(r, i)->function != function || !leaves_loop(r, graph, i, block))
            continue;
        if (is_wanted(r, i))
            return i;
        block = block_of(graph, r->steps[i].ip); // the step lay behind it: what led to it?
    }
    return NOBODY;
}

static bool block_has(const struct recording *r, const struct block *block, const int *numbers,
                      size_t count)
{
    for (uint64_t i = block->start; i < block->end; i++) {
        const struct instruction *insn = decoded_at(r, i);
        if (insn == NULL || insn->operation != OP_CONST)
            continue;
        for (size_t k = 0; k < count; k++)
            if (insn->immediate == numbers[k])
                return true;
        if (count == 0 && insn->immediate >= 400 && insn->immediate < 600)
            return true;
    }
    return false;
}

static bool search(const struct recording *r, const struct graph *graph, int block, int line,
                   const int *numbers, size_t count, int depth)
{
    if (block < 0 || depth > 8)
        return false;
    if (block_has(r, &graph->blocks[block], numbers, count))
        return true;
    const struct instruction *first = decoded_at(r, graph->blocks[block].start);
    if (first == NULL || first->line != line)
        return false;
    for (int k = 0; k < 2; k++)
        if (search(r, graph, graph->blocks[block].after[k], line, numbers, count, depth + 1))
            return true;
    return false;
}

bool other_way_has(struct recording *r, int32_t jump, const int *numbers, size_t count)
{
    struct graph *graph = graph_of(r, at(r, jump)->function);
    int from = graph == NULL ? -1 : block_of(graph, r->steps[jump].ip);
    if (from < 0 || r->next[jump] == NOBODY)
        return false;
    int taken = block_of(graph, r->steps[r->next[jump]].ip);
    for (int k = 0; k < 2; k++) {
        int other = graph->blocks[from].after[k];
        if (other >= 0 && other != taken &&
            search(r, graph, other, at(r, jump)->line, numbers, count, 0))
            return true;
    }
    return false;
}

// ---------------------------------------------------------------- a call on the other way

enum { CALLS_DEEP = 4, BLOCKS_FAR = 6 };

static bool function_calls(struct recording *r, int number, const struct wanted_call *wanted,
                           int depth);

static bool call_is(struct recording *r, const struct instruction *insn,
                    const struct wanted_call *wanted, int depth)
{
    if (!insn->has_immediate) {
        const char *name = import_at(r, (uint64_t)insn->displacement);
        for (size_t i = 0; i < wanted->count; i++)
            if (strcmp(name, wanted->names[i]) == 0)
                return true;
        return false;
    }
    for (size_t i = 0; depth < CALLS_DEEP && i < r->function_count; i++)
        if (r->functions[i].start == (uint64_t)insn->immediate)
            return function_calls(r, (int)i, wanted, depth + 1);
    return false;
}

static bool code_calls(struct recording *r, uint64_t from, uint64_t end,
                       const struct wanted_call *wanted, int depth)
{
    for (uint64_t i = from; i < end;) {
        const struct instruction *insn = decoded_at(r, i);
        if (insn != NULL && insn->operation == OP_CALL && call_is(r, insn, wanted, depth))
            return true;
        i += insn != NULL ? insn->size : 1;
    }
    return false;
}

static bool function_calls(struct recording *r, int number, const struct wanted_call *wanted,
                           int depth)
{
    return code_calls(r, r->functions[number].start, r->functions[number].end, wanted, depth);
}

bool function_reaches(struct recording *r, int number, const struct wanted_call *wanted)
{
    return number != NOBODY && function_calls(r, number, wanted, 0);
}

bool function_makes(struct recording *r, int number, const struct wanted_call *wanted)
{
    return number != NOBODY && function_calls(r, number, wanted, CALLS_DEEP);
}

// From the start of a block on, where only one way leads on, or what is asked stands on one line.
static bool way_calls(struct recording *r, const struct graph *graph, int block, int line,
                      const struct wanted_call *wanted, int depth)
{
    if (block < 0 || depth > BLOCKS_FAR)
        return false;
    const struct block *here = &graph->blocks[block];
    if (code_calls(r, here->start, here->end, wanted, 0))
        return true;
    const struct instruction *first = decoded_at(r, here->start);
    bool single = here->after[0] < 0 || here->after[1] < 0;
    if (first == NULL || (!single && first->line != line))
        return false;
    for (int k = 0; k < 2; k++)
        if (way_calls(r, graph, here->after[k], line, wanted, depth + 1))
            return true;
    return false;
}

bool other_way_calls(struct recording *r, int32_t jump, const struct wanted_call *wanted)
{
    struct graph *graph = graph_of(r, at(r, jump)->function);
    int from = graph == NULL ? -1 : block_of(graph, r->steps[jump].ip);
    if (from < 0 || r->next[jump] == NOBODY)
        return false;
    int taken = block_of(graph, r->steps[r->next[jump]].ip), line = at(r, jump)->line;
    bool here = taken >= 0 && way_calls(r, graph, taken, line, wanted, 0);
    for (int k = 0; k < 2 && !here; k++) {
        int other = graph->blocks[from].after[k];
        if (other >= 0 && other != taken && way_calls(r, graph, other, line, wanted, 0))
            return true;
    }
    return false;
}

bool other_way_also_calls(struct recording *r, int32_t jump, const struct wanted_call *wanted)
{
    struct graph *graph = graph_of(r, at(r, jump)->function);
    int from = graph == NULL ? -1 : block_of(graph, r->steps[jump].ip);
    if (from < 0 || r->next[jump] == NOBODY)
        return false;
    int taken = block_of(graph, r->steps[r->next[jump]].ip), line = at(r, jump)->line;
    for (int k = 0; k < 2; k++) {
        int other = graph->blocks[from].after[k];
        if (other >= 0 && other != taken && way_calls(r, graph, other, line, wanted, 0))
            return true;
    }
    return false;
}

// ---------------------------------------------------------------- a text on the other way

enum { TEXT_LEAST = 2, FORMAT_LEAST = 3 };

struct wanted_text {
    const unsigned char *data; // without the end of its line
    size_t length;
    bool is_beginning; // the line may go on
};

// Is this text of the program the wanted one? One that is a format counts up to its first percent
// sign.
static bool is_text(const struct recording *r, uint64_t address, const struct wanted_text *wanted)
{
    uint64_t at = address - r->constants.start;
    if (at >= r->constants.size)
        return false;
    const unsigned char *text = r->constants.bytes + at;
    size_t length = strnlen((const char *)text, r->constants.size - at), same = 0;
    while (same < length && same < wanted->length && text[same] == wanted->data[same])
        same++;
    if (same < length && text[same] == '%')
        return same >= FORMAT_LEAST;
    bool ends = same == length || text[same] == '\r' || text[same] == '\n';
    return same >= TEXT_LEAST && same == wanted->length && (ends || wanted->is_beginning);
}

// Of functions that are called from here only those count that give the text themselves.
static bool code_names(struct recording *r, uint64_t from, uint64_t end,
                       const struct wanted_text *wanted, bool deep)
{
    for (uint64_t i = from; i < end;) {
        const struct instruction *insn = decoded_at(r, i);
        i += insn != NULL ? insn->size : 1;
        if (insn == NULL)
            continue;
        if (insn->operation == OP_ADDRESS && is_text(r, (uint64_t)insn->displacement, wanted))
            return true;
        for (size_t k = 0;
             deep && insn->operation == OP_CALL && insn->has_immediate && k < r->function_count;
             k++)
            if (r->functions[k].start == (uint64_t)insn->immediate &&
                code_names(r, r->functions[k].start, r->functions[k].end, wanted, false))
                return true;
    }
    return false;
}

static bool way_names(struct recording *r, const struct graph *graph, int block, int line,
                      const struct wanted_text *wanted, int depth)
{
    if (block < 0 || depth > BLOCKS_FAR)
        return false;
    const struct block *here = &graph->blocks[block];
    if (code_names(r, here->start, here->end, wanted, true))
        return true;
    const struct instruction *first = decoded_at(r, here->start);
    bool single = here->after[0] < 0 || here->after[1] < 0;
    if (first == NULL || (!single && first->line != line))
        return false;
    for (int k = 0; k < 2; k++)
        if (way_names(r, graph, here->after[k], line, wanted, depth + 1))
            return true;
    return false;
}

bool other_way_names(struct recording *r, int32_t jump, const unsigned char *text, size_t length)
{
    struct wanted_text wanted = {text, length, true};
    while (wanted.length > 0 && strchr("\r\n", wanted.data[wanted.length - 1]) != NULL) {
        wanted.length--;
        wanted.is_beginning = false;
    }
    struct graph *graph = graph_of(r, at(r, jump)->function);
    int from = graph == NULL ? -1 : block_of(graph, r->steps[jump].ip);
    if (from < 0 || r->next[jump] == NOBODY)
        return false;
    int taken = block_of(graph, r->steps[r->next[jump]].ip), line = at(r, jump)->line;
    if (taken >= 0 && way_names(r, graph, taken, line, &wanted, 0))
        return false;
    for (int k = 0; k < 2; k++) {
        int other = graph->blocks[from].after[k];
        if (other >= 0 && other != taken && way_names(r, graph, other, line, &wanted, 0))
            return true;
    }
    return false;
}

// ---------------------------------------------------------------- any way

// Is there such a call in a block that can be reached from this one, but not through `without`?
static bool may_call(struct recording *r, const struct graph *graph, int block, int without,
                     const struct wanted_call *wanted, bool *seen)
{
    if (block < 0 || seen[block])
        return false;
    seen[block] = true;
    if (code_calls(r, graph->blocks[block].start, graph->blocks[block].end, wanted, 0))
        return true;
    if (block == without) // it would be asked again
        return false;
    for (int k = 0; k < 2; k++)
        if (may_call(r, graph, graph->blocks[block].after[k], without, wanted, seen))
            return true;
    return false;
}

bool only_other_way_may_call(struct recording *r, int32_t jump, const struct wanted_call *wanted)
{
    struct graph *graph = graph_of(r, at(r, jump)->function);
    int from = graph == NULL ? -1 : block_of(graph, r->steps[jump].ip);
    if (from < 0 || r->next[jump] == NOBODY)
        return false;
    int taken = block_of(graph, r->steps[r->next[jump]].ip);
    bool seen[BLOCKS_MOST] = {false};
    if (taken < 0 || may_call(r, graph, taken, from, wanted, seen))
        return false;
    for (int k = 0; k < 2; k++) {
        int other = graph->blocks[from].after[k];
        if (other >= 0 && other != taken && may_call(r, graph, other, from, wanted, seen))
            return true;
    }
    return false;
}

static bool way_reaches(const struct graph *graph, int block, int wanted, int without, int depth)
{
    if (block == wanted) // it may be the jump's own
        return true;
    if (block < 0 || block == without || depth > BLOCKS_FAR)
        return false;
    for (int k = 0; k < 2; k++)
        if (way_reaches(graph, graph->blocks[block].after[k], wanted, without, depth + 1))
            return true;
    return false;
}

bool other_way_reaches(struct recording *r, int32_t jump, uint64_t address)
{
    struct graph *graph = graph_of(r, at(r, jump)->function);
    int from = graph == NULL ? -1 : block_of(graph, r->steps[jump].ip);
    int wanted = graph == NULL ? -1 : block_of(graph, address);
    if (from < 0 || wanted < 0 || r->next[jump] == NOBODY)
        return false;
    int taken = block_of(graph, r->steps[r->next[jump]].ip);
    if (way_reaches(graph, taken, wanted, from, 0))
        return false;
    for (int k = 0; k < 2; k++) {
        int other = graph->blocks[from].after[k];
        if (other != taken && way_reaches(graph, other, wanted, from, 0))
            return true;
    }
    return false;
}
