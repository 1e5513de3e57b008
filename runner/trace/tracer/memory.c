// SPDX-License-Identifier: MIT
// Memory and registers of a thread. All that knows the architecture stands here.
#include "trace/tracer/tracer.h"

#include <elf.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { PAGE = 4096, PAGES_AT_ONCE = 16 };

// A page that is not there ends what one process_vm_readv gives, but not in the middle of a part:
// so a part is a page.
static size_t read_some(pid_t tid, uint64_t address, void *out, size_t length)
{
    struct iovec there[PAGES_AT_ONCE];
    struct iovec here = {out, 0};
    size_t count = 0;
    while (here.iov_len < length && count < PAGES_AT_ONCE) {
        uint64_t at = address + here.iov_len;
        size_t part = PAGE - at % PAGE;
        if (part > length - here.iov_len)
            part = length - here.iov_len;
        there[count++] = (struct iovec){(void *)(uintptr_t)at, part};
        here.iov_len += part;
    }
    ssize_t got = process_vm_readv(tid, &here, 1, there, count, 0);
    return got > 0 ? (size_t)got : 0;
}

size_t memory_read(pid_t tid, uint64_t address, void *out, size_t length)
{
    size_t done = 0;
    while (done < length) {
        size_t got = read_some(tid, address + done, (char *)out + done, length - done);
        if (got == 0)
            break;
        done += got;
    }
    return done;
}

bool registers_read(pid_t tid, struct user_regs_struct *out)
{
    struct iovec where = {out, sizeof *out};
    memset(out, 0, sizeof *out);
    return ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &where) == 0;
}

#if defined __x86_64__

uint64_t registers_stack(const struct user_regs_struct *registers)
{
    return registers->rsp;
}

uint64_t registers_frame(const struct user_regs_struct *registers)
{
    return registers->rbp;
}

// A poll() or a sleep that was interrupted goes on as restart_syscall(): which of them it is, the
// instruction before tells, `mov $NUMBER, %eax`.
static int restarted_call(pid_t tid, const struct user_regs_struct *registers)
{
    enum { MOVE = 0xb8, MOVE_BYTES = 5, SYSCALL_BYTES = 2 };
    unsigned char code[MOVE_BYTES];
    int32_t number;
    uint64_t at = registers->rip - SYSCALL_BYTES - MOVE_BYTES;
    if (memory_read(tid, at, code, sizeof code) != sizeof code || code[0] != MOVE)
        return SYS_restart_syscall;
    memcpy(&number, code + 1, sizeof number);
    return number;
}

int registers_call(pid_t tid, const struct user_regs_struct *registers)
{
    int number = (int)registers->orig_rax;
    return number == SYS_restart_syscall ? restarted_call(tid, registers) : number;
}

void registers_arguments(const struct user_regs_struct *registers, uint64_t out[6])
{
    out[0] = registers->rdi;
    out[1] = registers->rsi;
    out[2] = registers->rdx;
    out[3] = registers->r10;
    out[4] = registers->r8;
    out[5] = registers->r9;
}

void registers_set(struct user_regs_struct *out, uint64_t stack, uint64_t instruction)
{
    out->rsp = stack;
    out->rip = instruction;
}

#elif defined __aarch64__

uint64_t registers_stack(const struct user_regs_struct *registers)
{
    return registers->sp;
}

uint64_t registers_frame(const struct user_regs_struct *registers)
{
    return registers->regs[29];
}

int registers_call(pid_t tid, const struct user_regs_struct *registers)
{
    (void)registers;
    int number = -1;
    struct iovec where = {&number, sizeof number};
    return ptrace(PTRACE_GETREGSET, tid, NT_ARM_SYSTEM_CALL, &where) == 0 ? number : -1;
}

void registers_arguments(const struct user_regs_struct *registers, uint64_t out[6])
{
    for (size_t i = 0; i < 6; i++)
        out[i] = registers->regs[i];
}

void registers_set(struct user_regs_struct *out, uint64_t stack, uint64_t instruction)
{
    out->sp = stack;
    out->pc = instruction;
}

#else
#error "the tracer does not know this architecture's registers"
#endif
