// SPDX-License-Identifier: MIT
// A process beside the screen.
#include "watch/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "box/process.h"
#include "render/terminal.h"

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void close_poll(uv_poll_t **poll, int *descriptor)
{
    if (*poll != NULL) {
        uv_poll_stop(*poll);
        uv_close((uv_handle_t *)take(*poll), free_handle);
    }
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

// Reads what is there; true: something was.
static bool read_pipe(struct worker *worker, int pipe)
{
    struct str *output = &worker->output[pipe];
    bool some = false;
    while (worker->ends[pipe] >= 0) {
        char *room = str_reserve(output, 65536 + 1);
        ssize_t got = read(worker->ends[pipe], room, 65536);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return some;
        if (got <= 0) {
            close_poll(&worker->polls[pipe], &worker->ends[pipe]);
            return some;
        }
        bool full = worker->most > 0 && output->length >= worker->most;
        output->length += full ? 0 : (size_t)got;
        output->data[output->length] = '\0';
        some = true;
    }
    return some;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct worker *worker = poll->data;
    bool some = false;
    for (int i = 0; i < WORKER_PIPES; i++)
        some |= read_pipe(worker, i);
    if (some)
        worker->read(worker->context);
}

static void on_end(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct worker *worker = poll->data;
    while (waitpid(worker->pid, &worker->status, 0) < 0 && errno == EINTR)
        ;
    worker->pid = 0;
    bool some = false;
    for (int i = 0; i < WORKER_PIPES; i++) {
        some |= read_pipe(worker, i);
        // What it started and left may hold the other end: nobody waits for that.
        close_poll(&worker->polls[i], &worker->ends[i]);
    }
    close_poll(&worker->end, &worker->pidfd);
    if (some)
        worker->read(worker->context);
    worker->ended(worker->context);
}

static uv_poll_t *new_poll(struct worker *worker, int descriptor, uv_poll_cb callback)
{
    uv_poll_t *poll = mem_alloc(sizeof *poll);
    uv_poll_init(worker->loop, poll, descriptor);
    poll->data = worker;
    uv_poll_start(poll, UV_READABLE, callback);
    return poll;
}

static bool make_pipes(struct worker *worker, int count, int writers[WORKER_PIPES], struct err *err)
{
    for (int i = 0; i < WORKER_PIPES; i++) {
        str_clear(&worker->output[i]);
        worker->ends[i] = writers[i] = -1;
    }
    for (int i = 0; i < count; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0) {
            err_set(err, ERR_ENV, "no pipe for a process: %s", strerror(errno));
            return false;
        }
        worker->ends[i] = ends[0];
        writers[i] = ends[1];
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    return true;
}

static void close_ends(int *ends)
{
    for (int i = 0; i < WORKER_PIPES; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
        ends[i] = -1;
    }
}

// It runs: from here on the loop hears of it.
static void begin(struct worker *worker)
{
    for (int i = 0; i < WORKER_PIPES; i++)
        worker->polls[i] =
            worker->ends[i] >= 0 ? new_poll(worker, worker->ends[i], on_readable) : NULL;
    worker->end = new_poll(worker, worker->pidfd, on_end);
}

// ---------------------------------------------------------------- a part of this program

static void leave_terminal(int errors)
{
    terminal_forget();
    interrupt_renew();
    const int usual[] = {SIGTSTP, SIGCONT, SIGWINCH};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        signal(usual[i], SIG_DFL);
    setpgid(0, 0);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
}

// No signal is taken between the fork and the child's own way of taking them.
static pid_t fork_child(struct worker *worker, int errors)
{
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(130);
        close_ends(worker->ends);
        leave_terminal(errors);
    }
    int reason = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return pid;
}

bool worker_fork(struct worker *worker, void (*body)(void *context, int output), void *context,
                 struct err *err)
{
    int writers[WORKER_PIPES];
    bool made = make_pipes(worker, 2, writers, err);
    worker->pid = made ? fork_child(worker, writers[1]) : -1;
    if (worker->pid == 0) {
        body(context, writers[0]);
        _exit(0);
    }
    if (made && worker->pid < 0)
        err_set(err, ERR_ENV, "no process for a check: %s", strerror(errno));
    close_ends(writers);
    worker->pidfd = worker->pid > 0 ? (int)syscall(SYS_pidfd_open, worker->pid, 0) : -1;
    if (worker->pid > 0 && worker->pidfd < 0) {
        err_set(err, ERR_ENV, "pidfd_open: %s", strerror(errno));
        kill(worker->pid, SIGKILL);
        waitpid(worker->pid, NULL, 0);
        worker->pid = -1;
    }
    if (worker->pid < 0) {
        worker->pid = 0;
        close_ends(worker->ends);
        return false;
    }
    begin(worker);
    return true;
}

// ---------------------------------------------------------------- this program anew

bool worker_execute(struct worker *worker, const char *folder, const char *const *arguments,
                    const char *const *environment, struct err *err)
{
    int writers[WORKER_PIPES];
    struct process process = PROCESS_INIT;
    if (!make_pipes(worker, 1, writers, err))
        return false;
    const struct process_descriptor descriptors[] = {{writers[0], STDOUT_FILENO},
                                                     {writers[0], STDERR_FILENO}};
    auto_close int executable = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const struct process_options options = {.argv = arguments,
                                            .environment = environment,
                                            .executable = executable,
                                            .descriptors = descriptors,
                                            .descriptor_count = 2,
                                            .folder = folder,
                                            .new_session = true};
    bool started = process_start(&options, &process, err);
    close_ends(writers);
    if (!started) {
        close_ends(worker->ends);
        return false;
    }
    worker->pid = process.pid;
    worker->pidfd = process.pidfd;
    begin(worker);
    return true;
}

void worker_cancel(struct worker *worker)
{
    if (worker->pid > 0)
        kill(worker->pid, SIGTERM);
}
