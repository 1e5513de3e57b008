// SPDX-License-Identifier: MIT
// Stepping: the life of a followed thread.
#include "trace/tracer/step.h"

#include <stdlib.h>
#include <sys/uio.h>

#include "base/str.h"
#include "trace/tracer/machine.h"
#include "trace/tracer/step_record.h"

enum {
    THREADS = 256,
    SEEK_MOST = 4000, // instructions on the way from a system call back to the learner's code
    // The same from one function that a library called to the next one: a library that serves HTTP
    // reads the request's head in between. And all of them together, as each costs microseconds.
    SEEK_BETWEEN = 40 * 1000,
    SEEK_ALL = 400 * 1000
};

enum mode {
    MODE_SEEK,    // on its way back to the learner's code, one instruction after the other
    MODE_NATIVE,  // the processor does one instruction that the machine cannot
    MODE_OUTSIDE, // runs to the breakpoint behind a call
    MODE_ENTRY    // runs to the breakpoint at the start of its own code
};

struct followed {
    pid_t tid;
    enum mode mode;
    uint32_t number;
    uint32_t call;       // MODE_OUTSIDE: of the call, from 1; 0: behind a repeated instruction
    uint64_t breakpoint; //
    uint64_t stack;      // its pointer when the call has returned
    int sought, seek_most;
    bool before_main;
    uint64_t sought_stack; // MODE_SEEK: the pointer before the last instruction
    bool by_library;       // its own code was entered by a call of a library's
};

struct stepper {
    struct machine *machine;
    struct followed threads[THREADS];
    size_t thread_count;
    uint32_t last_number;
    int sought_between; // instructions
    struct step_record record;
};

struct stepper *stepper_new(uint64_t base, uint64_t start, uint64_t end)
{
    struct machine *machine = cpu_is_known() ? machine_new(start, end) : NULL;
    if (machine == NULL)
        return NULL;
    struct stepper *stepper = mem_alloc(sizeof *stepper);
    stepper->machine = machine;
    stepper->record.code =
        (struct recorded_code){.base = base, .start = start, .end = end, .descriptor = -1};
    return stepper;
}

void stepper_connection(struct stepper *stepper, int descriptor, uint64_t sent, uint64_t received)
{
    stepper->record.code.descriptor = descriptor;
    stepper->record.code.sent = sent;
    stepper->record.code.received = received;
    stepper->record.code.before = stepper->record.step_count;
}

void stepper_free(struct stepper *stepper)
{
    if (stepper == NULL)
        return;
    machine_free(stepper->machine);
    step_record_release(&stepper->record);
    free(stepper);
}

static struct followed *find(const struct stepper *stepper, pid_t tid)
{
    for (size_t i = 0; i < stepper->thread_count; i++)
        if (stepper->threads[i].tid == tid)
            return (struct followed *)&stepper->threads[i];
    return NULL;
}

bool stepper_follows(const struct stepper *stepper, pid_t tid)
{
    return find(stepper, tid) != NULL;
}

static struct followed *follow(struct stepper *stepper, pid_t tid)
{
    if (stepper->thread_count == THREADS || stepper->record.full ||
        stepper->last_number == RECORDING_THREADS_MOST)
        return NULL;
    struct followed *thread = &stepper->threads[stepper->thread_count++];
    *thread = (struct followed){.tid = tid, .number = ++stepper->last_number};
    return thread;
}

void stepper_ended(struct stepper *stepper, pid_t tid)
{
    struct followed *thread = find(stepper, tid);
    if (thread != NULL)
        *thread = stepper->threads[--stepper->thread_count];
}

static void let_go(struct stepper *stepper, pid_t tid)
{
    cpu_break_at(tid, 0);
    stepper_ended(stepper, tid);
}

static void run_to(struct followed *thread, uint64_t address, enum mode mode)
{
    thread->mode = mode;
    thread->breakpoint = address;
    cpu_break_at(thread->tid, address);
}

// Out of the library, to whatever of the learner's code it calls next or returns to.
static void seek(struct followed *thread, int most)
{
    thread->mode = MODE_SEEK;
    thread->sought = 0;
    thread->sought_stack = 0;
    thread->seek_most = most;
}

// ---------------------------------------------------------------- the machine's part

// The machine stopped at an instruction: is it repeated (rep movs, rep stos)? Returns where it
// goes on behind it, 0 when it is none.
static uint64_t behind_repeated(pid_t tid, uint64_t ip)
{
    unsigned char bytes[4];
    struct iovec here = {bytes, sizeof bytes};
    struct iovec there = {(void *)(uintptr_t)ip, sizeof bytes}; // NOLINT
    if (process_vm_readv(tid, &here, 1, &there, 1, 0) != sizeof bytes || bytes[0] != 0xf3)
        return 0;
    int at = bytes[1] >= 0x40 && bytes[1] < 0x50 ? 2 : 1;
    bool repeated =
        bytes[at] == 0xa4 || bytes[at] == 0xa5 || bytes[at] == 0xaa || bytes[at] == 0xab;
    return repeated ? ip + (uint64_t)at + 1 : 0;
}

// The number on top of the stack of a thread that has left the learner's code: where it comes back
// to, if it left by a call; 0: it cannot be read.
static uint64_t return_address(pid_t tid, const struct cpu *cpu)
{
    uint64_t address = 0;
    struct iovec here = {&address, sizeof address};
    struct iovec there = {(void *)(uintptr_t)cpu->registers[REGISTER_SP], // NOLINT: of another
                          sizeof address};                                // process
    return process_vm_readv(tid, &here, 1, &there, 1, 0) == sizeof address ? address : 0;
}

// Executes the learner's own code until something has to be left to the processor. Returns whether
// the last instruction made the stack grow as a call does.
static bool execute(struct stepper *stepper, const struct followed *thread, struct cpu *cpu)
{
    bool did = true, called = false;
    size_t undone;
    while (did && machine_has_code(stepper->machine, cpu->ip) &&
           step_record_add(&stepper->record, thread->number, cpu)) {
        uint64_t stack = cpu->registers[REGISTER_SP];
        did = machine_execute(stepper->machine, thread->tid, cpu) == MACHINE_DID;
        called = cpu->registers[REGISTER_SP] == stack - 8;
    }
    if (!machine_flush(stepper->machine, thread->tid, cpu, &undone))
        step_record_undo(&stepper->record, undone);
    return called;
}

// What the executable begins with calls the library, which calls main(): its first argument.
static void go_to_main(struct stepper *stepper, struct followed *thread, const struct cpu *cpu)
{
    uint64_t address = cpu->registers[REGISTER_DI];
    step_record_undo(&stepper->record, stepper->record.step_count);
    thread->before_main = false;
    if (machine_has_code(stepper->machine, address))
        run_to(thread, address, MODE_ENTRY);
    else
        let_go(stepper, thread->tid);
}

static void go_outside(struct stepper *stepper, struct followed *thread, const struct cpu *cpu)
{
    uint64_t after = return_address(thread->tid, cpu);
    thread->call = after == 0 ? 0 : step_record_call(&stepper->record, thread->tid, cpu);
    thread->stack = cpu->registers[REGISTER_SP] + 8;
    if (thread->call == 0)
        let_go(stepper, thread->tid);
    else
        run_to(thread, after, MODE_OUTSIDE);
}

static void go_native(struct followed *thread, const struct cpu *cpu)
{
    uint64_t behind = behind_repeated(thread->tid, cpu->ip);
    thread->call = 0;
    thread->mode = MODE_NATIVE;
    if (behind != 0)
        run_to(thread, behind, MODE_OUTSIDE);
}

static void run(struct stepper *stepper, struct followed *thread)
{
    struct cpu cpu;
    if (!cpu_get(thread->tid, &cpu))
        return;
    bool called = execute(stepper, thread, &cpu);
    bool outside = !machine_has_code(stepper->machine, cpu.ip);
    cpu_set(thread->tid, &cpu);
    bool returned = outside && !called;
    bool goes_on = thread->by_library && stepper->sought_between < SEEK_ALL;
    if (stepper->record.full || (returned && !goes_on))
        let_go(stepper, thread->tid); // its own code is at its end, or there is no room
    else if (returned)
        seek(thread, SEEK_BETWEEN); // to a library, which may call the next function soon
    else if (outside && thread->before_main)
        go_to_main(stepper, thread, &cpu);
    else if (outside)
        go_outside(stepper, thread, &cpu);
    else
        go_native(thread, &cpu);
}

// ---------------------------------------------------------------- stops

void stepper_begin(struct stepper *stepper, pid_t tid)
{
    struct followed *thread = stepper_follows(stepper, tid) ? NULL : follow(stepper, tid);
    if (thread != NULL)
        seek(thread, SEEK_MOST);
}

void stepper_start(struct stepper *stepper, pid_t tid, uint64_t entry)
{
    struct followed *thread =
        machine_has_code(stepper->machine, entry) ? follow(stepper, tid) : NULL;
    if (thread == NULL)
        return;
    stepper->record.forgets = true;
    thread->before_main = true;
    run_to(thread, entry, MODE_ENTRY);
}

bool stepper_steps(const struct stepper *stepper, pid_t tid)
{
    const struct followed *thread = find(stepper, tid);
    return thread != NULL && (thread->mode == MODE_SEEK || thread->mode == MODE_NATIVE);
}

static void at_breakpoint(struct stepper *stepper, struct followed *thread, const struct cpu *cpu)
{
    bool is_call = thread->mode == MODE_OUTSIDE && thread->call != 0;
    bool other_depth = is_call && cpu->registers[REGISTER_SP] != thread->stack;
    if (cpu->ip != thread->breakpoint || other_depth) {
        cpu_pass_breakpoint(thread->tid);
        return;
    }
    cpu_break_at(thread->tid, 0);
    if (is_call)
        step_record_return(&stepper->record, thread->tid, thread->call, cpu->registers[REGISTER_A]);
    run(stepper, thread);
}

void stepper_trapped(struct stepper *stepper, pid_t tid)
{
    struct followed *thread = find(stepper, tid);
    struct cpu cpu;
    if (thread == NULL || !cpu_get(tid, &cpu))
        return;
    uint64_t stack = thread->sought_stack;
    thread->sought_stack = cpu.registers[REGISTER_SP];
    if (!stepper_steps(stepper, tid)) {
        at_breakpoint(stepper, thread, &cpu);
    } else if (machine_has_code(stepper->machine, cpu.ip)) {
        if (thread->mode == MODE_SEEK)
            thread->by_library = stack != 0 && stack - 8 == cpu.registers[REGISTER_SP];
        run(stepper, thread);
    } else if (thread->mode != MODE_SEEK || ++thread->sought == thread->seek_most) {
        let_go(stepper, tid);
    } else if (thread->seek_most == SEEK_BETWEEN) {
        stepper->sought_between++;
    }
}

bool stepper_adopt(struct stepper *stepper, pid_t parent, pid_t child, bool is_process)
{
    const struct followed *old = find(stepper, parent);
    if (old == NULL || old->mode != MODE_OUTSIDE || old->call == 0)
        return false;
    struct followed copy = *old;
    uint64_t start = copy.breakpoint;
    const struct recorded_call *call = step_record_get_call(&stepper->record, copy.call);
    if (!is_process) {
        start = 0;
        for (int i = 0; call != NULL && i < RECORDING_POINTERS; i++)
            if (machine_has_code(stepper->machine, call->arguments[i]))
                start = call->arguments[i];
    }
    struct followed *thread = start == 0 ? NULL : follow(stepper, child);
    if (thread == NULL)
        return false;
    thread->mode = is_process ? MODE_OUTSIDE : MODE_ENTRY;
    thread->call = is_process ? copy.call : 0;
    thread->stack = copy.stack;
    thread->breakpoint = start;
    return cpu_break_at(child, start);
}

void stepper_stop(struct stepper *stepper)
{
    stepper->record.full = stepper->record.stopped = true;
}

bool stepper_write(const struct stepper *stepper, int file)
{
    return step_record_write(&stepper->record, file);
}
