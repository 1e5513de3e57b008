// SPDX-License-Identifier: MIT
/*
 * The registers of a stopped thread as recordings know them, and its breakpoint. Everything that
 * knows the processor's names for ptrace is in cpu.c; on a machine that it does not know nothing is
 * recorded.
 */
#ifndef LAB_CPU_H
#define LAB_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/recording.h"

struct cpu {
    uint64_t registers[REGISTERS];
    uint64_t ip;
    uint64_t flags;
    uint64_t thread_base; // fs
};

bool cpu_is_known(void);
// False: the thread is gone.
bool cpu_get(pid_t tid, struct cpu *out);
// Registers, ip and flags; a system call that was interrupted is not begun again.
bool cpu_set(pid_t tid, const struct cpu *cpu);
// The thread traps when it is about to execute what is at `address`; 0: nowhere. It alone does.
bool cpu_break_at(pid_t tid, uint64_t address);
// The thread stands at its breakpoint: this once it goes on over it.
void cpu_pass_breakpoint(pid_t tid);

#endif
