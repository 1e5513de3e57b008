// SPDX-License-Identifier: MIT
/*
 * Snapshots for tests, made of real programs by a tracer of one page: a source is compiled as a
 * build does, the program runs until it writes to its standard output, and that call is one event.
 */
#ifndef LAB_TRACE_SNAPSHOT_TEST_H
#define LAB_TRACE_SNAPSHOT_TEST_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "trace/snapshot.h"

struct compiled {
    char *folder, *program;
};

// `flags`: further options of the compiler, NULL-terminated.
static inline struct compiled compile_source(const char *source, const char *const *flags)
{
    struct compiled out = {mem_copy_string("/tmp/lab-trace-XXXXXX"), NULL};
    ck_assert_ptr_nonnull(mkdtemp(out.folder));
    out.program = path_join(out.folder, "out");
    auto_free char *file = path_join(out.folder, "server.c");
    ck_assert(file_write(AT_FDCWD, file, source, strlen(source), 0644, NULL));
    auto_free char *map = str_format("-fdebug-prefix-map=%s=.", out.folder);
    const char *argv[24] = {"cc", "-std=gnu17", "-g", map, "-o", "out", "server.c", "-pthread"};
    size_t count = 8;
    for (; *flags != NULL; flags++)
        argv[count++] = *flags;
    pid_t child = fork();
    if (child == 0) {
        if (chdir(out.folder) == 0)
            execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    return out;
}

static inline void compiled_release(struct compiled *compiled)
{
    folder_remove_all(compiled->folder, NULL);
    free(compiled->folder);
    free(compiled->program);
}

static inline void append_head(struct str *out, uint32_t kind, size_t size)
{
    const struct snapshot_head head = {SNAPSHOT_MAGIC, kind, size};
    str_append_bytes(out, &head, sizeof head);
}

static inline void append_event(struct str *out, const struct snapshot_event *event,
                                const void *path, const void *data, const void *stack)
{
    append_head(out, SNAPSHOT_EVENT,
                sizeof *event + event->path_bytes + event->data_bytes + event->stack_bytes +
                    event->link_count * sizeof(struct snapshot_link));
    str_append_bytes(out, event, sizeof *event);
    str_append_bytes(out, path, event->path_bytes);
    str_append_bytes(out, data, event->data_bytes);
    str_append_bytes(out, stack, event->stack_bytes);
}

static inline void append_end(struct str *out, uint64_t lost)
{
    const struct snapshot_end end = {.lost = lost, .ended = 1};
    append_head(out, SNAPSHOT_END, sizeof end);
    str_append_bytes(out, &end, sizeof end);
}

// Its maps, with the program where it would be in a box.
static inline void append_maps(struct str *out, pid_t pid, const char *program)
{
    auto_free char *path = str_format("/proc/%d/maps", (int)pid);
    auto_free char *real = path_real(program, NULL);
    auto_str struct str text = STR_INIT;
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    char line[4200];
    while (fgets(line, sizeof line, file) != NULL) {
        char *name = strstr(line, real);
        if (name != NULL) {
            *name = '\0';
            str_append_format(&text, "%s/program\n", line);
        } else {
            str_append(&text, line);
        }
    }
    fclose(file);
    append_head(out, SNAPSHOT_MAPS, text.length);
    str_append_bytes(out, text.data, text.length);
}

// The program's next write() to stdout is about to happen, or its next fatal signal.
static inline void run_to_write(pid_t pid)
{
    for (long signal = 0;;) {
        int status;
        struct user_regs_struct registers;
        ptrace(PTRACE_SYSCALL, pid, NULL, signal);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFSTOPPED(status));
        signal = WSTOPSIG(status) != SIGTRAP ? WSTOPSIG(status) : 0;
        if (signal == SIGSEGV)
            return;
        ptrace(PTRACE_GETREGS, pid, NULL, &registers);
        if (registers.orig_rax == SYS_write && registers.rdi == 1)
            return;
    }
}

// Runs it to there and appends a whole snapshot of `kind`.
static inline void snapshot_of(const char *program, uint32_t kind, struct str *out)
{
    static unsigned char stack[SNAPSHOT_STACK_MOST];
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(pid, &(int){0}, 0), pid);
    run_to_write(pid);
    struct snapshot_event event = {.kind = kind,
                                   .pid = pid,
                                   .tid = pid,
                                   .number = 1,
                                   .clock = 5000000000,
                                   .descriptor = 1,
                                   .state = 'S'};
    ptrace(PTRACE_GETREGS, pid, NULL, &event.registers);
    event.stack_address = event.registers.rsp;
    for (size_t left = sizeof stack; left > 0; left -= 1024) { // as much as there is
        struct iovec own = {stack, left};
        struct iovec other = {(void *)event.stack_address, left}; // NOLINT
        ssize_t got = process_vm_readv(pid, &own, 1, &other, 1, 0);
        if (got > 0) {
            event.stack_bytes = (uint32_t)got;
            break;
        }
    }
    append_maps(out, pid, program);
    append_event(out, &event, "", "", stack);
    append_end(out, 3);
    kill(pid, SIGKILL);
    waitpid(pid, &(int){0}, 0);
}

#endif
