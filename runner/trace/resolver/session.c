// SPDX-License-Identifier: MIT
/*
 * Unwinding, offline: libdwfl is told where the files lay, and reads registers and stack out of the
 * snapshot. Frames of one address look the same in every event, so each is looked up once.
 */
#include "trace/resolver/session.h"

#include <stdlib.h>
#include <string.h>

#include "trace/resolver/resolver.h"

enum { CACHE_SIZE = 4096 }; // a power of two

struct cached {
    Dwarf_Addr pc; // as it was looked up
    char *text;    // objects, each with a comma behind it
    size_t count;  // of objects
};

struct session {
    Dwfl *dwfl;
    char *program; // module_find gets a pointer to it
    struct str map;
    struct cached cache[CACHE_SIZE];
    // The event that is being unwound.
    const struct event_parts *parts;
    struct str *out;
    size_t depth;
};

// ---------------------------------------------------------------- what libdwfl asks

static pid_t next_thread(Dwfl *dwfl, void *context, void **thread)
{
    (void)dwfl;
    if (*thread != NULL)
        return 0;
    *thread = context;
    return 1;
}

static bool read_stack(const struct event_parts *parts, Dwarf_Addr address, Dwarf_Word *result)
{
    const struct snapshot_event *event = parts->event;
    uint64_t offset = address - event->stack_address;
    if (address < event->stack_address || event->stack_bytes < sizeof *result ||
        offset > event->stack_bytes - sizeof *result)
        return false;
    memcpy(result, parts->stack + offset, sizeof *result);
    return true;
}

static bool read_links(const struct event_parts *parts, Dwarf_Addr address, Dwarf_Word *result)
{
    for (size_t i = 0; i < parts->event->link_count; i++) {
        struct snapshot_link link;
        memcpy(&link, parts->links + i * sizeof link, sizeof link);
        if (address == link.address)
            *result = link.frame_pointer;
        else if (address == link.address + sizeof *result)
            *result = link.return_address;
        else
            continue;
        return true;
    }
    return false;
}

static bool read_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *context)
{
    (void)dwfl;
    const struct session *session = context;
    return read_stack(session->parts, address, result) ||
           read_links(session->parts, address, result);
}

// In DWARF's order, see the System V ABI, AMD64 supplement, figure 3.36.
static bool set_registers(Dwfl_Thread *thread, void *context)
{
    const struct session *session = context;
    const struct user_regs_struct *r = &session->parts->event->registers;
    const Dwarf_Word words[] = {r->rax, r->rdx, r->rcx, r->rbx, r->rsi, r->rdi,
                                r->rbp, r->rsp, r->r8,  r->r9,  r->r10, r->r11,
                                r->r12, r->r13, r->r14, r->r15, r->rip};
    return dwfl_thread_state_registers(thread, 0, sizeof words / sizeof *words, words);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
    .next_thread = next_thread,
    .memory_read = read_memory,
    .set_initial_registers = set_registers,
};

// ---------------------------------------------------------------- opening

static Dwfl *report_modules(const struct str *map)
{
    static const Dwfl_Callbacks callbacks = {.find_elf = module_find,
                                             .find_debuginfo = module_find_debugging};
    Dwfl *dwfl = dwfl_begin(&callbacks);
    if (dwfl == NULL)
        return NULL;
    dwfl_report_begin(dwfl);
    const char *text = str_text(map);
    const char *end = text + map->length;
    struct maps_file file;
    while (maps_next(&text, end, &file))
        dwfl_report_module(dwfl, file.name, file.low, file.high);
    if (dwfl_report_end(dwfl, NULL, NULL) == 0)
        return dwfl;
    dwfl_end(dwfl);
    return NULL;
}

static int give_program(Dwfl_Module *module, void **context, const char *name, Dwarf_Addr base,
                        void *program)
{
    (void)module, (void)name, (void)base;
    *context = program;
    return DWARF_CB_OK;
}

void session_clean_map(const char *maps, size_t length, struct str *out)
{
    const char *end = maps + length;
    struct maps_file file;
    for (size_t i = 0; i < RESOLVER_MODULES_MOST && maps_next(&maps, end, &file); i++)
        str_append_format(out, "%llx-%llx r 0 0 0 %s\n", (unsigned long long)file.low,
                          (unsigned long long)file.high, file.name);
}

struct session *session_open(const struct str *map, const char *program)
{
    struct session *session = mem_alloc(sizeof *session);
    session->program = mem_copy_string(program);
    str_append(&session->map, str_text(map));
    session->dwfl = report_modules(&session->map);
    if (session->dwfl != NULL) {
        dwfl_getmodules(session->dwfl, give_program, session->program, 0);
        if (dwfl_attach_state(session->dwfl, NULL, 1, &thread_callbacks, session))
            return session;
    }
    session_close(session);
    return NULL;
}

void session_close(struct session *session)
{
    if (session == NULL)
        return;
    if (session->dwfl != NULL)
        dwfl_end(session->dwfl);
    for (size_t i = 0; i < CACHE_SIZE; i++)
        free(session->cache[i].text);
    str_release(&session->map);
    free(session->program);
    free(session);
}

bool session_fits(const struct session *session, const struct str *map)
{
    return str_equal(str_text(map), str_text(&session->map));
}

// ---------------------------------------------------------------- frames

static const struct cached *look_up(struct session *session, Dwarf_Addr pc, bool exact)
{
    // An address is told from the same one behind a call by its lowest bit's neighbour: no frame
    // of either kind has an address above 2^63.
    Dwarf_Addr key = pc << 1 | exact;
    struct cached *cached = &session->cache[(key * 0x9e3779b97f4a7c15u) >> 52];
    if (cached->text != NULL && cached->pc == key)
        return cached;
    free(cached->text);
    struct str text = STR_INIT;
    cached->pc = key;
    cached->count = frame_append(session->dwfl, pc, exact, RESOLVER_DEPTH, &text);
    cached->text = str_take(&text);
    return cached;
}

// The registers were taken behind the instruction, not at it: a system call's, or a watched write.
static bool is_behind(const struct snapshot_event *event)
{
    return event->kind == EVENT_CALL || event->kind == EVENT_WATCH ||
           (event->kind == EVENT_STUCK && event->number >= 0);
}

static int add_frame(Dwfl_Frame *frame, void *context)
{
    struct session *session = context;
    Dwarf_Addr pc;
    bool exact; // the innermost one, or one that a signal interrupted: no call stands before it
    if (!dwfl_frame_pc(frame, &pc, &exact))
        return DWARF_CB_ABORT;
    if (session->depth == 0 && is_behind(session->parts->event))
        exact = false;
    const struct cached *cached = look_up(session, pc, exact);
    if (session->depth + cached->count > RESOLVER_DEPTH)
        return DWARF_CB_ABORT;
    str_append(session->out, cached->text);
    session->depth += cached->count;
    return session->depth < RESOLVER_DEPTH ? DWARF_CB_OK : DWARF_CB_ABORT;
}

void session_append_frames(struct session *session, const struct event_parts *parts,
                           struct str *out)
{
    session->parts = parts;
    session->out = out;
    session->depth = 0;
    str_append_char(out, '[');
    size_t start = out->length;
    // Where it fails, what was found before is good.
    dwfl_getthread_frames(session->dwfl, 1, add_frame, session);
    if (out->length > start)
        out->length--; // the last comma
    str_append_char(out, ']');
    session->parts = NULL;
}
