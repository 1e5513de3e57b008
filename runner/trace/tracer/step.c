// SPDX-License-Identifier: MIT
// Stepping: the life of a followed thread.
#include "trace/tracer/step.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#include "trace/recording.h"
#include "trace/tracer/machine.h"

enum {
    THREADS = 256,
    SEEK_MOST = 4000 // instructions on the way from a system call back to the learner's code
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
    int sought;
};

struct stepper {
    struct machine *machine;
    struct recorded_code code;
    struct followed threads[THREADS];
    size_t thread_count;
    uint32_t last_number;
    struct recorded_step *steps;
    struct recorded_call *calls;
    size_t step_count, step_room, call_count, call_room;
    bool full;
};

struct stepper *stepper_new(uint64_t base, uint64_t start, uint64_t end)
{
    struct stepper *stepper = calloc(1, sizeof *stepper);
    if (stepper == NULL)
        return NULL;
    stepper->machine = machine_new(start, end);
    stepper->code =
        (struct recorded_code){.base = base, .start = start, .end = end, .descriptor = -1};
    if (stepper->machine == NULL) {
        free(stepper);
        return NULL;
    }
    return stepper;
}

void stepper_connection(struct stepper *stepper, int descriptor, uint64_t sent, uint64_t received)
{
    stepper->code.descriptor = descriptor;
    stepper->code.sent = sent;
    stepper->code.received = received;
}

void stepper_free(struct stepper *stepper)
{
    if (stepper == NULL)
        return;
    machine_free(stepper->machine);
    free(stepper->steps);
    free(stepper->calls);
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
    if (stepper->thread_count == THREADS || stepper->full)
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

// ---------------------------------------------------------------- the processor's part

// An address that traps when it is about to be executed, for one thread alone; 0: none.
static bool breakpoint(pid_t tid, uint64_t address)
{
    size_t place = offsetof(struct user, u_debugreg);
    ptrace(PTRACE_POKEUSER, tid, place + 7 * sizeof(long), 0);
    if (address == 0)
        return true;
    return ptrace(PTRACE_POKEUSER, tid, place, address) == 0 &&
           ptrace(PTRACE_POKEUSER, tid, place + 7 * sizeof(long), 1) == 0;
}

static void let_go(struct stepper *stepper, pid_t tid)
{
    breakpoint(tid, 0);
    stepper_ended(stepper, tid);
}

static void run_to(struct followed *thread, uint64_t address, enum mode mode)
{
    thread->mode = mode;
    thread->breakpoint = address;
    breakpoint(thread->tid, address);
}

static const size_t order[REGISTERS] = {
    offsetof(struct user_regs_struct, rax), offsetof(struct user_regs_struct, rcx),
    offsetof(struct user_regs_struct, rdx), offsetof(struct user_regs_struct, rbx),
    offsetof(struct user_regs_struct, rsp), offsetof(struct user_regs_struct, rbp),
    offsetof(struct user_regs_struct, rsi), offsetof(struct user_regs_struct, rdi),
    offsetof(struct user_regs_struct, r8),  offsetof(struct user_regs_struct, r9),
    offsetof(struct user_regs_struct, r10), offsetof(struct user_regs_struct, r11),
    offsetof(struct user_regs_struct, r12), offsetof(struct user_regs_struct, r13),
    offsetof(struct user_regs_struct, r14), offsetof(struct user_regs_struct, r15),
};

static void cpu_from(struct cpu *cpu, const struct user_regs_struct *registers)
{
    for (size_t i = 0; i < REGISTERS; i++)
        memcpy(&cpu->registers[i], (const char *)registers + order[i], sizeof(uint64_t));
    cpu->ip = registers->rip;
    cpu->flags = registers->eflags;
    cpu->thread_base = registers->fs_base;
}

static void cpu_to(const struct cpu *cpu, struct user_regs_struct *registers)
{
    for (size_t i = 0; i < REGISTERS; i++)
        memcpy((char *)registers + order[i], &cpu->registers[i], sizeof(uint64_t));
    registers->rip = cpu->ip;
    registers->eflags = cpu->flags;
    registers->orig_rax = (unsigned long long)-1; // no system call is to be begun again
}

// ---------------------------------------------------------------- records

static bool grow(void **array, size_t *room, size_t count, size_t most, size_t size)
{
    if (count < *room)
        return true;
    size_t wanted = *room == 0 ? 4096 : 2 * *room;
    if (wanted > most)
        wanted = most;
    void *larger = count < wanted ? realloc(*array, wanted * size) : NULL;
    if (larger == NULL)
        return false;
    *array = larger;
    *room = wanted;
    return true;
}

static struct recorded_step *record_step(struct stepper *stepper, const struct followed *thread,
                                         const struct cpu *cpu)
{
    if (!grow((void **)&stepper->steps, &stepper->step_room, stepper->step_count,
              RECORDING_STEPS_MOST, sizeof *stepper->steps)) {
        stepper->full = true;
        return NULL;
    }
    struct recorded_step *step = &stepper->steps[stepper->step_count++];
    step->ip = cpu->ip;
    memcpy(step->registers, cpu->registers, sizeof step->registers);
    step->thread_base = cpu->thread_base;
    step->thread = thread->number;
    step->call = 0;
    return step;
}

// The bytes at an address, as many as there are up to the most.
static uint16_t show(pid_t tid, uint64_t address, uint8_t *to)
{
    struct iovec here = {to, RECORDING_SHOWN};
    size_t first = 4096 - (address & 4095);
    if (first > RECORDING_SHOWN)
        first = RECORDING_SHOWN;
    struct iovec there[2] = {{(void *)(uintptr_t)address, first}, // NOLINT
                             {(void *)(uintptr_t)(address + first), RECORDING_SHOWN - first}};
    if (address < 4096)
        return 0;
    ssize_t got = process_vm_readv(tid, &here, 1, there, first < RECORDING_SHOWN ? 2 : 1, 0);
    return got > 0 ? (uint16_t)got : 0;
}

static const int argument_order[RECORDING_ARGUMENTS] = {REGISTER_DI, REGISTER_SI, REGISTER_D,
                                                        REGISTER_C,  8,           9};

static uint32_t record_call(struct stepper *stepper, pid_t tid, const struct cpu *cpu)
{
    if (!grow((void **)&stepper->calls, &stepper->call_room, stepper->call_count,
              RECORDING_CALLS_MOST, sizeof *stepper->calls)) {
        stepper->full = true;
        return 0;
    }
    struct recorded_call *call = &stepper->calls[stepper->call_count++];
    memset(call, 0, sizeof *call);
    call->target = cpu->ip;
    call->stack = cpu->registers[REGISTER_SP];
    for (int i = 0; i < RECORDING_ARGUMENTS; i++)
        call->arguments[i] = cpu->registers[argument_order[i]];
    for (int i = 0; i < RECORDING_POINTERS; i++)
        call->before_length[i] = show(tid, call->arguments[i], call->before[i]);
    return (uint32_t)stepper->call_count;
}

static void record_return(struct stepper *stepper, const struct followed *thread, uint64_t result)
{
    struct recorded_call *call = &stepper->calls[thread->call - 1];
    call->result = result;
    call->has_returned = 1;
    for (int i = 0; i < RECORDING_POINTERS; i++)
        call->after_length[i] = show(thread->tid, call->arguments[i], call->after[i]);
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

// Goes on in the learner's own code until something has to be left to the processor.
static void run(struct stepper *stepper, struct followed *thread)
{
    pid_t tid = thread->tid;
    struct user_regs_struct registers;
    struct cpu cpu;
    if (ptrace(PTRACE_GETREGS, tid, 0, &registers) != 0)
        return;
    cpu_from(&cpu, &registers);
    uint64_t after = 0; // where a call comes back to
    bool did = true;
    while (did && machine_has_code(stepper->machine, cpu.ip) && !stepper->full) {
        uint64_t stack = cpu.registers[REGISTER_SP];
        if (record_step(stepper, thread, &cpu) == NULL)
            break;
        did = machine_execute(stepper->machine, tid, &cpu) == MACHINE_DID;
        after = cpu.registers[REGISTER_SP] == stack - 8 ? 1 : 0;
    }
    bool outside = !machine_has_code(stepper->machine, cpu.ip);
    machine_flush(stepper->machine, tid);
    if (outside && after != 0) {
        struct iovec here = {&after, sizeof after};
        struct iovec there = {(void *)(uintptr_t)cpu.registers[REGISTER_SP],
                              sizeof after}; // NOLINT
        if (process_vm_readv(tid, &here, 1, &there, 1, 0) != sizeof after)
            after = 0;
    }
    cpu_to(&cpu, &registers);
    ptrace(PTRACE_SETREGS, tid, 0, &registers);
    if (stepper->full || (outside && after == 0)) {
        let_go(stepper, tid); // its own code is at its end, or there is no room
    } else if (outside) {
        thread->call = record_call(stepper, tid, &cpu);
        thread->stack = cpu.registers[REGISTER_SP] + 8;
        stepper->steps[stepper->step_count - 1].call = thread->call;
        if (thread->call == 0)
            let_go(stepper, tid);
        else
            run_to(thread, after, MODE_OUTSIDE);
    } else {
        uint64_t behind = behind_repeated(tid, cpu.ip);
        thread->call = 0;
        if (behind != 0) {
            run_to(thread, behind, MODE_OUTSIDE);
        } else {
            thread->mode = MODE_NATIVE;
        }
    }
}

// ---------------------------------------------------------------- stops

void stepper_begin(struct stepper *stepper, pid_t tid)
{
    struct followed *thread = stepper_follows(stepper, tid) ? NULL : follow(stepper, tid);
    if (thread != NULL)
        thread->mode = MODE_SEEK;
}

bool stepper_steps(const struct stepper *stepper, pid_t tid)
{
    const struct followed *thread = find(stepper, tid);
    return thread != NULL && (thread->mode == MODE_SEEK || thread->mode == MODE_NATIVE);
}

static void at_breakpoint(struct stepper *stepper, struct followed *thread)
{
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, thread->tid, 0, &registers) != 0)
        return;
    bool other_depth =
        thread->mode == MODE_OUTSIDE && thread->call != 0 && registers.rsp != thread->stack;
    if (registers.rip != thread->breakpoint || other_depth) {
        registers.eflags |= 1 << 16; // this once, the breakpoint is passed
        ptrace(PTRACE_SETREGS, thread->tid, 0, &registers);
        return;
    }
    breakpoint(thread->tid, 0);
    if (thread->mode == MODE_OUTSIDE && thread->call != 0)
        record_return(stepper, thread, registers.rax);
    run(stepper, thread);
}

void stepper_trapped(struct stepper *stepper, pid_t tid)
{
    struct followed *thread = find(stepper, tid);
    struct user_regs_struct registers;
    if (!stepper_steps(stepper, tid)) {
        at_breakpoint(stepper, thread);
    } else if (ptrace(PTRACE_GETREGS, tid, 0, &registers) == 0) {
        if (machine_has_code(stepper->machine, registers.rip))
            run(stepper, thread);
        else if (thread->mode != MODE_SEEK || ++thread->sought == SEEK_MOST)
            let_go(stepper, tid);
    }
}

bool stepper_adopt(struct stepper *stepper, pid_t parent, pid_t child, bool is_process)
{
    const struct followed *old = find(stepper, parent);
    if (old == NULL || old->mode != MODE_OUTSIDE || old->call == 0)
        return false;
    struct followed copy = *old;
    uint64_t start = copy.breakpoint;
    const struct recorded_call *call = &stepper->calls[copy.call - 1];
    if (!is_process) {
        start = 0;
        for (int i = 0; i < RECORDING_POINTERS; i++)
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
    return breakpoint(child, start);
}

// ---------------------------------------------------------------- the file

static bool put(int file, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t written = write(file, (const char *)data + done, size - done);
        if (written < 0 && errno != EINTR)
            return false;
        done += written > 0 ? (size_t)written : 0;
    }
    return true;
}

static bool put_record(int file, enum recording_kind kind, const void *data, size_t size)
{
    const struct recording_head head = {RECORDING_MAGIC, kind, size};
    return put(file, &head, sizeof head) && put(file, data, size);
}

bool stepper_write(struct stepper *stepper, int file)
{
    return put_record(file, RECORDING_CODE, &stepper->code, sizeof stepper->code) &&
           put_record(file, RECORDING_STEPS, stepper->steps,
                      stepper->step_count * sizeof *stepper->steps) &&
           put_record(file, RECORDING_CALLS, stepper->calls,
                      stepper->call_count * sizeof *stepper->calls) &&
           put_record(file, RECORDING_END, NULL, 0);
}
