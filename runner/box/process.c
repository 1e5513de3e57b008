// SPDX-License-Identifier: MIT
// Starting processes: descriptors given one by one, tied to their parent, as another user.
#include "box/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/cgroup.h"

// What the child could not do; it says so through a pipe that its exec closes.
enum step { STEP_GROUP, STEP_DESCRIPTORS, STEP_USER, STEP_PARENT, STEP_FOLDER, STEP_EXEC };

struct failure {
    enum step step;
    int error;
};

// All that the child needs, made before the fork: behind it only system calls are safe when the
// caller has threads.
struct plan {
    const struct process_options *options;
    const char *path; // what is executed, unless a descriptor is
    int *moved;       // room for one number a descriptor
    int report;       // write end of the pipe
    int executable;
    pid_t parent;
};

_Noreturn static void child_fail(const struct plan *plan, enum step step)
{
    struct failure failure = {step, errno};
    ssize_t sent = write(plan->report, &failure, sizeof failure);
    _exit(sent == (ssize_t)sizeof failure ? 127 : 126);
}

// The parent blocked every signal before the fork, so none of its handlers has run in the child.
static void signals_reset(void)
{
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// Moves a descriptor to `floor` or above, where no wanted number can overwrite it.
static int lift(int descriptor, int floor)
{
    return fcntl(descriptor, F_DUPFD_CLOEXEC, floor);
}

static int floor_of(const struct process_options *options)
{
    int floor = 3;
    for (size_t i = 0; i < options->descriptor_count; i++)
        if (options->descriptors[i].to >= floor)
            floor = options->descriptors[i].to + 1;
    return floor;
}

static void child_descriptors(struct plan *plan)
{
    const struct process_options *options = plan->options;
    int floor = floor_of(options);
    int report = lift(plan->report, floor);
    if (report < 0)
        child_fail(plan, STEP_DESCRIPTORS);
    plan->report = report;
    if (plan->executable >= 0 && (plan->executable = lift(plan->executable, floor)) < 0)
        child_fail(plan, STEP_DESCRIPTORS);
    for (size_t i = 0; i < options->descriptor_count; i++)
        if ((plan->moved[i] = lift(options->descriptors[i].from, floor)) < 0)
            child_fail(plan, STEP_DESCRIPTORS);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high = nothing < 0 ? -1 : lift(nothing, floor);
    if (high < 0)
        child_fail(plan, STEP_DESCRIPTORS);
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        child_fail(plan, STEP_DESCRIPTORS);
    for (int standard = 0; standard < 3; standard++)
        if (dup2(high, standard) < 0)
            child_fail(plan, STEP_DESCRIPTORS);
    for (size_t i = 0; i < options->descriptor_count; i++)
        if (dup2(plan->moved[i], options->descriptors[i].to) < 0)
            child_fail(plan, STEP_DESCRIPTORS);
}

bool process_become(const struct process_user *user)
{
    if (!user->drop)
        return true;
    return setgroups(0, NULL) == 0 && setresgid(user->gid, user->gid, user->gid) == 0 &&
           setresuid(user->uid, user->uid, user->uid) == 0;
}

// A change of user clears the parent-death signal, so it is asked for afterwards; then the parent
// may be gone already.
static void child_tie(const struct plan *plan)
{
    if (!plan->options->untied && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        child_fail(plan, STEP_PARENT);
    if (getppid() != plan->parent)
        _exit(127);
}

_Noreturn static void child_run(struct plan *plan)
{
    const struct process_options *options = plan->options;
    static char *const empty[] = {NULL};
    signals_reset();
    if (options->new_session)
        setsid();
    if (options->user.group != NULL && !cgroup_join(options->user.group))
        child_fail(plan, STEP_GROUP);
    child_descriptors(plan);
    if (!process_become(&options->user))
        child_fail(plan, STEP_USER);
    child_tie(plan);
    // Whoever gives up root must not stand in a folder that only root can reach.
    const char *folder = options->folder == NULL && options->user.drop ? "/" : options->folder;
    if (folder != NULL && chdir(folder) < 0)
        child_fail(plan, STEP_FOLDER);
    char *const *argv = (char *const *)options->argv;
    char *const *environment =
        options->environment == NULL ? empty : (char *const *)options->environment;
    if (plan->executable >= 0)
        syscall(SYS_execveat, plan->executable, "", argv, environment, AT_EMPTY_PATH);
    else
        execve(plan->path, argv, environment);
    child_fail(plan, STEP_EXEC);
}

static bool is_executable(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

char *process_find(const char *name)
{
    if (strchr(name, '/') != NULL)
        return mem_copy_string(name);
    const char *part = getenv("PATH");
    if (part == NULL)
        part = "/usr/bin:/bin";
    for (;;) {
        size_t length = strcspn(part, ":");
        auto_free char *folder = str_format("%.*s", (int)length, length > 0 ? part : ".");
        auto_free char *path = path_join(length > 0 ? folder : ".", name);
        if (is_executable(path))
            return take(path);
        if (part[length] == '\0')
            return NULL;
        part += length + 1;
    }
}

static void explain(const struct process_options *options, const struct failure *failure,
                    struct err *err)
{
    const char *name = options->argv[0];
    const char *reason = strerror(failure->error);
    switch (failure->step) {
    case STEP_DESCRIPTORS:
        err_set(err, ERR_ENV, "%s: cannot hand descriptors on: %s", name, reason);
        break;
    case STEP_GROUP:
        err_set(err, ERR_ENV, "%s: cannot join its control group: %s", name, reason);
        break;
    case STEP_USER:
        err_set(err, ERR_ENV, "%s: cannot become user %u: %s", name, options->user.uid, reason);
        err_set_cure(err, "Start lab as an ordinary user.");
        break;
    case STEP_PARENT:
        err_set(err, ERR_ENV, "%s: cannot be tied to lab: %s", name, reason);
        break;
    case STEP_FOLDER:
        err_set(err, ERR_ENV, "%s: cannot work in %s: %s", name,
                options->folder != NULL ? options->folder : "/", reason);
        break;
    case STEP_EXEC:
        err_set(err, ERR_ENV, "%s: cannot be executed: %s", name, reason);
        break;
    }
}

// Waits until the child has executed its program (true) or said what it could not do.
static bool child_started(int report, struct failure *out)
{
    ssize_t got;
    do
        got = read(report, out, sizeof *out);
    while (got < 0 && errno == EINTR);
    return got != (ssize_t)sizeof *out;
}

static pid_t fork_quietly(struct plan *plan)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        child_run(plan);
    int reason = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return pid;
}

bool process_start(const struct process_options *options, struct process *out, struct err *err)
{
    auto_free char *path = NULL;
    if (options->executable < 0 && (path = process_find(options->argv[0])) == NULL) {
        err_set(err, ERR_ENV, "%s: not found in PATH", options->argv[0]);
        return false;
    }
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "cannot make a pipe: %s", strerror(errno));
        return false;
    }
    auto_close int reading = ends[0];
    auto_free int *moved = mem_alloc_array(options->descriptor_count, sizeof *moved);
    struct plan plan = {options, path, moved, ends[1], options->executable, getpid()};
    struct failure failure;
    file_writers_hold();
    struct process child = {fork_quietly(&plan), -1};
    int reason = errno;
    close(ends[1]);
    bool started = child.pid >= 0 && child_started(reading, &failure);
    file_writers_let_go();
    if (child.pid < 0) {
        err_set(err, ERR_ENV, "%s: cannot start a process: %s", options->argv[0], strerror(reason));
        return false;
    }
    child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
    reason = errno;
    if (!started)
        explain(options, &failure, err);
    else if (child.pidfd < 0)
        err_set(err, ERR_ENV, "%s: pidfd_open: %s", options->argv[0], strerror(reason));
    if (!started || child.pidfd < 0) {
        process_release(&child);
        return false;
    }
    *out = child;
    return true;
}

int process_wait(struct process *process)
{
    int status = -1;
    if (process->pid <= 0)
        return -1;
    while (waitpid(process->pid, &status, 0) < 0)
        if (errno != EINTR) {
            status = -1;
            break;
        }
    process->pid = 0;
    return status;
}

void process_release(struct process *process)
{
    if (process->pid > 0) {
        kill(process->pid, SIGKILL);
        process_wait(process);
    }
    if (process->pidfd >= 0)
        close(process->pidfd);
    *process = (struct process)PROCESS_INIT;
}
