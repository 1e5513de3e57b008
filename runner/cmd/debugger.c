// SPDX-License-Identifier: MIT
// gdb on the program of a check: holding it, starting gdb, handing it over.
#include "cmd/debugger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/text.h"

enum {
    KEPT = 3,       // the socket, in the process of the session
    NEVER_HELD = 3, // its exit status when there was nothing to debug
};

// ---- the program, held at its first instruction

// The message brings a pidfd of the program's first process; -1 when it does not.
static int receive_pidfd(int socket)
{
    char text[256];
    int pidfd;
    descriptors_receive(socket, text, sizeof text, &pidfd, 1, 0);
    return pidfd;
}

static pid_t pid_of(int pidfd)
{
    auto_free char *path = str_format("/proc/self/fdinfo/%d", pidfd);
    auto_str struct str text = STR_INIT;
    if (!file_read(AT_FDCWD, path, 4096, &text, NULL))
        return -1;
    const char *found = strstr(str_text(&text), "\nPid:");
    return found != NULL ? (pid_t)strtol(found + strlen("\nPid:"), NULL, 10) : -1;
}

// Lets the program go as far as its execution. Its box is told that nobody traces it: the filter of
// a traced one would make calls fail under a debugger.
static pid_t hold(int socket)
{
    static const char answer[] = "{\"go\":false}";
    auto_close int pidfd = receive_pidfd(socket);
    pid_t pid = pidfd >= 0 ? pid_of(pidfd) : -1;
    if (pid <= 0 || ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXEC) < 0)
        pid = -1;
    send(socket, answer, strlen(answer), MSG_NOSIGNAL);
    while (pid > 0) {
        int status = 0;
        if (waitpid(pid, &status, __WALL) < 0 && errno != EINTR)
            return -1;
        if (!WIFSTOPPED(status))
            return -1; // it ended
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
            return pid;
        bool group = status >> 16 == PTRACE_EVENT_STOP;
        ptrace(PTRACE_CONT, pid, NULL, group ? 0 : WSTOPSIG(status));
    }
    return -1;
}

// ---- gdb

static char *path_in(const struct debugger *debugger, const char *name)
{
    return path_join(debugger->scratch, name);
}

// gdb says that it is ready by opening one pipe, and goes on when the other one is opened.
static bool write_script(const struct debugger *debugger, pid_t pid)
{
    auto_free char *ready = path_in(debugger, "ready");
    auto_free char *held = path_in(debugger, "go");
    auto_str struct str text = STR_INIT;
    str_append(&text, "set pagination off\nset sysroot /\nset exec-file-mismatch off\n"
                      "set breakpoint pending on\n"
                      "set print thread-events off\n"
                      // How it is held, and how gdb takes hold of new threads.
                      "handle SIGSTOP nostop noprint nopass\n");
    str_append(&text, "shell echo >");
    text_append_shell_word(&text, ready);
    str_append(&text, "; read line <");
    text_append_shell_word(&text, held);
    str_append_format(&text, "\nattach %d\n", (int)pid);
    if (debugger->file != NULL)
        str_append_format(&text, "break %s:%d\n", debugger->file, debugger->line);
    str_append(&text, "tbreak main\ncontinue\nset pagination on\n");
    auto_free char *script = path_in(debugger, "script");
    return mkfifo(ready, 0600) == 0 && mkfifo(held, 0600) == 0 &&
           file_write(AT_FDCWD, script, text.data, text.length, 0600, NULL);
}

static pid_t start_gdb(const struct debugger *debugger)
{
    auto_free char *script = path_in(debugger, "script");
    const char *const argv[] = {"gdb", "-q", "-x", script, debugger->program, NULL};
    fflush(stdout);
    pid_t child = fork();
    if (child != 0)
        return child;
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    if (chdir(debugger->folder) == 0)
        execv(debugger->gdb, (char *const *)(uintptr_t)argv);
    _exit(127);
}

// Waits until gdb has read its symbols; false when it ended before.
static bool wait_until_ready(const struct debugger *debugger, pid_t gdb)
{
    auto_free char *path = path_in(debugger, "ready");
    auto_close int ready = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    auto_close int ended = (int)syscall(SYS_pidfd_open, gdb, 0);
    struct pollfd polls[] = {{.fd = ready, .events = POLLIN}, {.fd = ended, .events = POLLIN}};
    while (poll(polls, 2, -1) < 0 && errno == EINTR)
        continue;
    return (polls[0].revents & POLLIN) != 0;
}

// The line waits in the pipe for gdb as long as the descriptor that is returned is open.
static int let_gdb_go_on(const struct debugger *debugger)
{
    auto_free char *path = path_in(debugger, "go");
    int held = open(path, O_RDWR | O_CLOEXEC);
    if (held >= 0)
        (void)!write(held, "\n", 1);
    return held;
}

static void leave_ctrl_c_to_gdb(void)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
}

// A person's process: Ctrl-C is gdb's, which stands in the same group.
_Noreturn static void session(const struct debugger *debugger, int socket)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    interrupt_remove();
    leave_ctrl_c_to_gdb();
    // Of the runner's descriptors only this one: the others tie the grader to the runner.
    if (dup2(socket, KEPT) != KEPT || close_range(KEPT + 1, ~0U, 0) != 0)
        _exit(NEVER_HELD);
    pid_t program = hold(KEPT);
    close(KEPT);
    if (program < 0 || !write_script(debugger, program))
        _exit(NEVER_HELD);
    auto_close int line = -1;
    pid_t gdb = start_gdb(debugger);
    if (gdb > 0 && wait_until_ready(debugger, gdb)) {
        // The signal waits for it: it is stopped before its first instruction.
        kill(program, SIGSTOP);
        ptrace(PTRACE_DETACH, program, NULL, 0);
        line = let_gdb_go_on(debugger);
    }
    int status = 0;
    while (gdb > 0 && waitpid(gdb, &status, 0) < 0 && errno == EINTR)
        continue;
    kill(program, SIGCONT); // where gdb failed to take it
    _exit(WIFEXITED(status) && WEXITSTATUS(status) == 127 ? NEVER_HELD : 0);
}

// ---- what the command sees

static void on_wanted(void *context, size_t check, int socket)
{
    struct debugger *debugger = context;
    (void)check;
    if (debugger->pid == 0) { // else a second program of the same check: it runs as ever
        pid_t pid = fork();
        if (pid == 0)
            session(debugger, socket);
        debugger->pid = pid;
        leave_ctrl_c_to_gdb();
    }
    close(socket);
}

bool debugger_open(struct debugger *debugger, struct err *err)
{
    const char *folder = getenv("TMPDIR");
    debugger->scratch = str_format("%s/lab-debug-XXXXXX", folder != NULL ? folder : "/tmp");
    if (mkdtemp(debugger->scratch) == NULL) {
        err_set(err, ERR_ENV, "%s: %s", debugger->scratch, strerror(errno));
        free(take(debugger->scratch));
        return false;
    }
    debugger->hooks =
        (struct grade_tracing){.context = debugger, .from_start = true, .wanted = on_wanted};
    return true;
}

bool debugger_wait(struct debugger *debugger)
{
    int status = 0;
    if (debugger->pid <= 0)
        return false;
    while (waitpid(debugger->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    debugger->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void debugger_close(struct debugger *debugger)
{
    if (debugger->pid > 0) {
        kill(debugger->pid, SIGKILL);
        debugger_wait(debugger);
    }
    if (debugger->scratch != NULL)
        folder_remove_all(debugger->scratch, NULL);
    free(take(debugger->scratch));
}
