// SPDX-License-Identifier: MIT
/*
 * For tests of the tracer: a run of tests/unit/tracer/program.c, outside a box, connected to the
 * test. `variant` is how it was built: "checked", "plain" or "fixed" (no PIE).
 */
#ifndef LAB_TRACED_RUN_H
#define LAB_TRACED_RUN_H

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/file.h"
#include "box/seccomp.h"
#include "snapshots.h"

struct run {
    const char *variant;
    struct tracing tracing;
    pid_t pid;
    int status;   // raw
    int listener; //
    int client;   // the program's connection
    int port, program_port;
};

// Beside the test.
static inline char *run_path(const char *variant)
{
    struct err err = ERR_INIT;
    auto_free char *self = path_real("/proc/self/exe", &err);
    auto_free char *folder = path_parent(self);
    return str_format("%s/tracer-program-%s", folder, variant);
}

static inline void run_filter(int file)
{
    struct stat status = {0};
    if (fstat(file, &status) != 0)
        _exit(98);
    void *filter = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    struct sock_fprog program = {
        (unsigned short)((size_t)status.st_size / sizeof(struct sock_filter)), filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
        _exit(98);
}

static inline void run_listen(struct run *run)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    run->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(run->listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(run->listener, 8), 0);
    ck_assert_int_eq(getsockname(run->listener, (struct sockaddr *)&address, &size), 0);
    run->port = ntohs(address.sin_port);
}

static inline int run_accept(struct run *run)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int client = accept4(run->listener, (struct sockaddr *)&address, &size, SOCK_CLOEXEC);
    ck_assert_int_ge(client, 0);
    run->program_port = ntohs(address.sin_port);
    return client;
}

// Traced from its first instruction, or not at all until the test asks.
static inline struct run run_start(const char *variant, const char *mode, bool traced)
{
    const struct process_user user = {0};
    struct run run = {.variant = variant, .tracing = tracing_start(&user)};
    struct err err = ERR_INIT;
    int gate[2], filter = memfd_create("filter", MFD_CLOEXEC);
    auto_free char *path = run_path(variant);
    run_listen(&run);
    ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
    ck_assert_msg(seccomp_write_traced(filter, &err), "%s", err.message);
    run.pid = fork();
    ck_assert_int_ge(run.pid, 0);
    if (run.pid == 0) {
        char go;
        auto_free char *port = str_format("%d", run.port);
        close(gate[1]);
        setenv("PORT", port, 1);
        setenv("ASAN_OPTIONS", "detect_leaks=0:handle_segv=0:handle_abort=0", 1);
        dup2(open("/dev/null", O_WRONLY), 1);
        if (read(gate[0], &go, 1) != 1)
            _exit(97);
        if (traced)
            run_filter(filter);
        execl(path, "program", mode, NULL);
        _exit(96);
    }
    if (traced) {
        auto_free char *answer = tracing_ask(&run.tracing, "{\"start\":true}", run.pid);
        ck_assert_str_eq(answer, "{\"go\":true}");
    }
    ck_assert_int_eq(write(gate[1], "g", 1), 1);
    close(gate[0]);
    close(gate[1]);
    close(filter);
    run.client = run_accept(&run);
    return run;
}

static inline struct seen run_end(struct run *run)
{
    ck_assert_int_eq(waitpid(run->pid, &run->status, 0), run->pid);
    return tracing_end(&run->tracing);
}

// ---------------------------------------------------------------- frames

// Where a function of the program lies, in the maps of an event.
static inline bool run_function(const struct run *run, const struct seen *seen,
                                const struct snapshot_event *event, const char *name,
                                uint64_t *start, uint64_t *end)
{
    auto_free char *path = run_path(run->variant);
    auto_free char *command = str_format("nm -S '%s'", path);
    FILE *symbols = popen(command, "r");
    char line[512], symbol[256];
    unsigned long value = 0, size = 0;
    bool found = false;
    while (fgets(line, sizeof line, symbols) != NULL)
        if (sscanf(line, "%lx %lx %*c %255s", &value, &size, symbol) == 3 &&
            strcmp(symbol, name) == 0) {
            found = true;
            break;
        }
    pclose(symbols);
    auto_free char *maps = str_format("%s", seen->maps[event->maps].text);
    const char *at = strstr(maps, path);
    unsigned long base = 0;
    while (at != NULL && at > maps && at[-1] != '\n')
        at--;
    if (!found || at == NULL || sscanf(at, "%lx", &base) != 1)
        return false;
    *start = value + (strcmp(run->variant, "fixed") == 0 ? 0 : base);
    *end = *start + size;
    return true;
}

// A return address into the function lies on the stack that was kept, or in a link.
static inline bool run_has_frame(const struct run *run, const struct seen *seen,
                                 const struct seen_event *seen_event, const char *name)
{
    uint64_t start, end;
    const struct snapshot_event *event = seen_event->event;
    if (!run_function(run, seen, event, name, &start, &end))
        return false;
    for (uint32_t i = 0; i + 8 <= event->stack_bytes; i += 8) {
        uint64_t word;
        memcpy(&word, seen_event->stack + i, sizeof word);
        if (word > start && word <= end)
            return true;
    }
    for (uint32_t i = 0; i < event->link_count; i++) {
        struct snapshot_link link;
        memcpy(&link, seen_event->links + i * sizeof link, sizeof link);
        if (link.return_address > start && link.return_address <= end)
            return true;
    }
    return false;
}

#endif
