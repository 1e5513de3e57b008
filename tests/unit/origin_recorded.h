// SPDX-License-Identifier: MIT
/*
 * Small programs, compiled and executed under the stepper, and questions about their recordings.
 * The line that must be named carries the comment HERE.
 */
#ifndef LAB_ORIGIN_RECORDED_H
#define LAB_ORIGIN_RECORDED_H

#include <check.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "origin_seed.h"
#include "trace/origin/rules.h"
#include "trace/tracer/step.h"

#define HEAD                                                                                       \
    "#include <signal.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"          \
    "#include <unistd.h>\n"
#define BEGIN "raise(SIGUSR1);\n" // from here on it is recorded
#define HANG "raise(SIGUSR2);\n"  // it is about to wait for what never comes
// The connection that the failure is about was accepted as FD.
#define CONNECTION(fd) "sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = " fd "});\n"

static char folder[] = "/tmp/origin-XXXXXX";
static char *program;
static char replied[4096]; // by the last program that was recorded
static bool from_main;     // the next recording begins with main(), not at BEGIN
static bool hangs;         // the program has said so
static int connection = 1; // its descriptor at BEGIN

static void compile(const char *source)
{
    struct err err = ERR_INIT;
    auto_free char *path = path_join(folder, "program.c");
    ck_assert(file_write(AT_FDCWD, path, source, strlen(source), 0644, &err));
    pid_t pid = fork();
    if (pid == 0) {
        execlp("gcc", "gcc", "-std=gnu17", "-g", "-O0", "-w", "-fno-omit-frame-pointer", "-fno-plt",
               "-fcf-protection=none", "-fno-stack-protector", "-pthread", path, "-o", program,
               (char *)NULL);
        _exit(127);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}

// ---------------------------------------------------------------- recording

static struct stepper *stepper_for(pid_t pid)
{
    auto_free char *path = str_format("/proc/%d/maps", pid);
    FILE *maps = fopen(path, "re");
    char line[512], rights[8];
    uint64_t base = 0, from, to, start = 0, end = 0;
    ck_assert_ptr_nonnull(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        if (strstr(line, program) == NULL ||
            sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, rights) != 3)
            continue;
        base = base == 0 ? from : base;
        if (rights[2] == 'x')
            start = from, end = to;
    }
    fclose(maps);
    return stepper_new(base, start, end);
}

static void go(struct stepper *stepper, pid_t tid, int signal)
{
    bool steps = stepper != NULL && stepper_steps(stepper, tid);
    ptrace(steps ? PTRACE_SINGLESTEP : PTRACE_CONT, tid, NULL, (void *)(uintptr_t)signal);
}

// Children that stopped before their parent told of them wait until it does.
static pid_t known[64];
static size_t known_count;

static bool is_known(pid_t tid)
{
    for (size_t i = 0; i < known_count; i++)
        if (known[i] == tid)
            return true;
    ck_assert_uint_lt(known_count, sizeof known / sizeof *known);
    known[known_count++] = tid;
    return false;
}

static uint64_t entry_of(pid_t pid)
{
    uint64_t pair[2];
    auto_free char *path = str_format("/proc/%d/auxv", pid);
    auto_close int file = open(path, O_RDONLY | O_CLOEXEC);
    while (read(file, pair, sizeof pair) == (ssize_t)sizeof pair)
        if (pair[0] == AT_ENTRY)
            return pair[1];
    return 0;
}

static bool is_asleep(pid_t pid)
{
    char state = '?';
    auto_free char *path = str_format("/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%*d %*s %c", &state) != 1)
        state = '?';
    if (file != NULL)
        fclose(file);
    return state == 'S';
}

// The next stop or end; of a program that hangs, only what comes until it sleeps.
static pid_t next_stop(struct stepper *stepper, pid_t first, int *status)
{
    for (;;) {
        pid_t tid = waitpid(-1, status, __WALL | (hangs ? WNOHANG : 0));
        if (tid != 0)
            return tid;
        if (is_asleep(first)) {
            stepper_stop(stepper);
            hangs = false;
            kill(first, SIGKILL);
        }
        sched_yield();
    }
}

// One stop; returns the signal to deliver.
static int on_stop(struct stepper **stepper, pid_t tid, int status)
{
    unsigned long child = 0;
    int event = status >> 16, signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK) {
        ptrace(PTRACE_GETEVENTMSG, tid, NULL, &child);
        if (!is_known((pid_t)child))
            ck_assert_int_eq(waitpid((pid_t)child, &status, __WALL), (pid_t)child);
        if (*stepper != NULL)
            stepper_adopt(*stepper, tid, (pid_t)child, event == PTRACE_EVENT_FORK);
        go(*stepper, (pid_t)child, 0);
        return 0;
    }
    if (event == PTRACE_EVENT_EXEC && from_main) {
        *stepper = stepper_for(tid);
        ck_assert_ptr_nonnull(*stepper);
        stepper_start(*stepper, tid, entry_of(tid));
        return 0;
    }
    if (signal == SIGUSR1) {
        *stepper = stepper_for(tid);
        ck_assert_ptr_nonnull(*stepper);
        stepper_connection(*stepper, connection, 0, 0);
        stepper_begin(*stepper, tid);
        return 0;
    }
    if (signal == SIGRTMIN) {
        siginfo_t info;
        ptrace(PTRACE_GETSIGINFO, tid, NULL, &info);
        stepper_connection(*stepper, info.si_value.sival_int, 0, 0);
        return 0;
    }
    if (signal == SIGUSR2) {
        hangs = true;
        return 0;
    }
    if (signal != SIGTRAP || event != 0)
        return event != 0 ? 0 : signal;
    if (*stepper != NULL && stepper_follows(*stepper, tid))
        stepper_trapped(*stepper, tid);
    return 0;
}

static struct recording *record(const char *source, const char *input)
{
    int in[2];
    struct stepper *stepper = NULL;
    compile(source);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, in), 0);
    ck_assert_int_eq(write(in[1], input, strlen(input)), (ssize_t)strlen(input));
    shutdown(in[1], SHUT_WR);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 1); // the connection
        raise(SIGSTOP);
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    int status = 0;
    waitpid(pid, &status, WUNTRACED);
    ck_assert_int_eq(
        ptrace(PTRACE_SEIZE, pid, NULL,
               PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL),
        0);
    is_known(pid);
    hangs = false;
    kill(pid, SIGCONT);
    for (pid_t tid; (tid = next_stop(stepper, pid, &status)) > 0 || errno == EINTR;) {
        if (tid > 0 && WIFSTOPPED(status) && !is_known(tid))
            continue;
        if (tid > 0 && WIFSTOPPED(status)) {
            int signal = on_stop(&stepper, tid, status);
            go(stepper, tid, signal);
        } else if (tid > 0 && stepper != NULL) {
            stepper_ended(stepper, tid);
        }
    }
    ssize_t length = recv(in[1], replied, sizeof replied - 1, MSG_DONTWAIT);
    replied[length > 0 ? length : 0] = '\0';
    close(in[1]);
    ck_assert_ptr_nonnull(stepper);
    auto_free char *path = path_join(folder, "recording");
    auto_close int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    ck_assert(stepper_write(stepper, file));
    stepper_free(stepper);
    lseek(file, 0, SEEK_SET);
    struct recording *r = recording_load(file, program);
    ck_assert_ptr_nonnull(r);
    return r;
}

// ---------------------------------------------------------------- asking

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(unsigned char *)(uintptr_t)text, strlen(text)};
}

static int marked_line(const char *source)
{
    int line = 1;
    const char *mark = strstr(source, "HERE");
    ck_assert_ptr_nonnull(mark);
    for (const char *c = source; c < mark; c++)
        line += *c == '\n';
    return line;
}

static void expect_line(const char *source, const char *input, struct failure failure)
{
    struct told told;
    struct recording *r = record(source, input);
    if (failure.message == NULL)
        failure.message = "";
    failure.state = failure.state != NULL ? failure.state : "running";
    failure.request = bytes_of(input);
    auto_free char *path = path_join(folder, "recording");
    seed_keep(program, path, &failure);
    decide(r, &failure, &told);
    ck_assert_msg(told.kind != TOLD_NONE, "nothing is told");
    ck_assert_int_eq(told.line, marked_line(source));
    recording_free(r);
}

static struct failure body(long offset, const char *reply, const char *expected, const char *actual)
{
    return (struct failure){.offset = offset,
                            .suspect = -1,
                            .has_expected = true,
                            .has_actual = true,
                            .expected = bytes_of(expected),
                            .actual = bytes_of(actual),
                            .reply = reply != NULL ? bytes_of(reply) : (struct bytes){NULL, 0}};
}

static bool recorded_begin(void)
{
    if (mkdtemp(folder) == NULL)
        return false;
    program = path_join(folder, "program");
    return true;
}

static void recorded_end(void)
{
    folder_remove_all(folder, NULL);
    free(program);
}

#endif
