// SPDX-License-Identifier: MIT
// Registers and breakpoints of a stopped thread: x86-64, and nothing elsewhere.
#include "trace/tracer/cpu.h"

#if defined __x86_64__

#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#define RESUME_FLAG (1ULL << 16) // Intel SDM 3B 17.3.1.1: no breakpoint for one instruction

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

bool cpu_is_known(void)
{
    return true;
}

bool cpu_get(pid_t tid, struct cpu *out)
{
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, tid, NULL, &registers) != 0)
        return false;
    for (size_t i = 0; i < REGISTERS; i++)
        memcpy(&out->registers[i], (const char *)&registers + order[i], sizeof(uint64_t));
    out->ip = registers.rip;
    out->flags = registers.eflags;
    out->thread_base = registers.fs_base;
    return true;
}

bool cpu_set(pid_t tid, const struct cpu *cpu)
{
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, tid, NULL, &registers) != 0)
        return false;
    for (size_t i = 0; i < REGISTERS; i++)
        memcpy((char *)&registers + order[i], &cpu->registers[i], sizeof(uint64_t));
    registers.rip = cpu->ip;
    registers.eflags = cpu->flags;
    registers.orig_rax = (unsigned long long)-1;
    return ptrace(PTRACE_SETREGS, tid, NULL, &registers) == 0;
}

bool cpu_break_at(pid_t tid, uint64_t address)
{
    size_t first = offsetof(struct user, u_debugreg), control = first + 7 * sizeof(long);
    ptrace(PTRACE_POKEUSER, tid, control, 0);
    if (address == 0)
        return true;
    return ptrace(PTRACE_POKEUSER, tid, first, address) == 0 &&
           ptrace(PTRACE_POKEUSER, tid, control, 1) == 0;
}

void cpu_pass_breakpoint(pid_t tid)
{
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, tid, NULL, &registers) != 0)
        return;
    registers.eflags |= RESUME_FLAG;
    ptrace(PTRACE_SETREGS, tid, NULL, &registers);
}

#else

bool cpu_is_known(void)
{
    return false;
}

bool cpu_get(pid_t tid, struct cpu *out)
{
    (void)tid, (void)out;
    return false;
}

bool cpu_set(pid_t tid, const struct cpu *cpu)
{
    (void)tid, (void)cpu;
    return false;
}

bool cpu_break_at(pid_t tid, uint64_t address)
{
    (void)tid, (void)address;
    return false;
}

void cpu_pass_breakpoint(pid_t tid)
{
    (void)tid;
}

#endif
