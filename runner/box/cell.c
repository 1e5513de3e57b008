// SPDX-License-Identifier: MIT
// The cell: namespaces, loopback, /proc and scratch folder of one check.
#include "box/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/cure.h"
#include "box/sweep.h"
#include "box/user.h"

#define NAMESPACES                                                                                 \
    (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS)
#define BYTES_A_FILE 4096 // for each so many bytes of the scratch folder it may have one file

// What the child reports, as soon as it is set up or cannot be.
enum step {
    STEP_PARENT,
    STEP_MAPS,
    STEP_LOOPBACK,
    STEP_MOUNTS,
    STEP_PROC,
    STEP_SCRATCH,
    STEP_DONE
};

struct report {
    enum step step; // that failed; STEP_DONE: all is well
    int error;
};

static bool write_text(const char *path, const char *text)
{
    auto_close int file = open(path, O_WRONLY | O_CLOEXEC);
    return file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool write_map(const char *path, unsigned int id)
{
    char line[64];
    snprintf(line, sizeof line, "%u %u 1\n", id, id);
    return write_text(path, line);
}

// Same ids inside as outside: files keep their owner, and nothing in the cell thinks that it is
// root. The /proc/self files belong to root while a process cannot be dumped.
static bool map_user(uid_t uid, gid_t gid)
{
    return prctl(PR_SET_DUMPABLE, 1) == 0 && write_text("/proc/self/setgroups", "deny") &&
           write_map("/proc/self/uid_map", uid) && write_map("/proc/self/gid_map", gid);
}

// Up, it gets 127.0.0.1/8 and ::1 by itself. Where IPv6 is switched off for new namespaces it is
// switched on; a kernel without IPv6 has no such file.
static bool raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    bool six = write_text("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "0");
    auto_close int handle = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)six;
    return handle >= 0 && ioctl(handle, SIOCSIFFLAGS, &request) == 0;
}

static bool mount_scratch(const struct cell_options *options, uid_t uid, gid_t gid)
{
    char settings[160];
    unsigned long long bytes = options->scratch_bytes;
    snprintf(settings, sizeof settings, "size=%llu,nr_inodes=%llu,mode=0700,uid=%u,gid=%u", bytes,
             bytes / BYTES_A_FILE + 256, uid, gid);
    return mount("tmpfs", options->scratch, "tmpfs", MS_NOSUID | MS_NODEV, settings) == 0;
}

// The parent-death signal comes only for deaths after it was asked for.
static bool tie(int parent)
{
    struct pollfd ended = {parent, POLLIN, 0};
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && poll(&ended, 1, 0) == 0;
}

// Runs in the child: returns the step that failed, errno says how, or STEP_DONE.
static enum step set_up(const struct cell_options *options, int parent, uid_t uid, gid_t gid)
{
    if (!tie(parent))
        return STEP_PARENT;
    if (!map_user(uid, gid))
        return STEP_MAPS;
    if (!raise_loopback())
        return STEP_LOOPBACK;
    // Slave: what is mounted here stays here, what is unmounted outside is let go.
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        return STEP_MOUNTS;
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return STEP_PROC;
    if (options->scratch != NULL && !mount_scratch(options, uid, gid))
        return STEP_SCRATCH;
    if (sethostname("lab", 3) < 0)
        return STEP_MAPS;
    return STEP_DONE;
}

static void child_set_up(const struct cell_options *options, int parent, int pipe, uid_t uid,
                         gid_t gid)
{
    errno = 0;
    struct report report = {set_up(options, parent, uid, gid), 0};
    report.error = errno;
    bool told = write(pipe, &report, sizeof report) == (ssize_t)sizeof report;
    if (report.step != STEP_DONE || !told)
        _exit(1);
    close(pipe);
}

static void explain(const struct cell_options *options, const struct report *report,
                    struct err *err)
{
    const char *reason = strerror(report->error);
    switch (report->step) {
    case STEP_PARENT:
    case STEP_DONE:
        err_set(err, ERR_ENV, "the cell ended while it was made");
        break;
    case STEP_MAPS:
        err_set(err, ERR_ENV, "cannot map the user into a user namespace: %s", reason);
        cure_namespaces(err, report->error);
        break;
    case STEP_LOOPBACK:
        err_set(err, ERR_ENV, "cannot raise the loopback of a network namespace: %s", reason);
        cure_namespaces(err, report->error);
        break;
    case STEP_MOUNTS:
        err_set(err, ERR_ENV, "cannot make the mounts of a cell its own: %s", reason);
        cure_namespaces(err, report->error);
        break;
    case STEP_PROC:
        err_set(err, ERR_ENV, "cannot mount a /proc of its own for a cell: %s", reason);
        cure_proc(err);
        break;
    case STEP_SCRATCH:
        err_set(err, ERR_ENV, "cannot mount the scratch folder %s: %s", options->scratch, reason);
        break;
    }
}

static void explain_clone(int error, struct err *err)
{
    err_set(err, ERR_ENV, "cannot make namespaces for a cell: %s", strerror(error));
    if (error == EPERM || error == ENOSPC || error == EUSERS || error == ENOSYS || error == EACCES)
        cure_namespaces(err, error);
}

// The entries of /proc/self/task are folders; a folder has two links and one for each of them.
static bool has_one_thread(void)
{
    struct stat status;
    return stat("/proc/self/task", &status) < 0 || status.st_nlink <= 3;
}

static bool may_enter(struct err *err)
{
    if (user_is_root())
        err_set(err, ERR_BUG, "a cell was asked for by root");
    else if (!has_one_thread())
        err_set(err, ERR_BUG, "a cell was asked for by a process with several threads");
    else
        return true;
    return false;
}

// In the parent: waits for the child's report.
static pid_t child_await(const struct cell_options *options, pid_t pid, int pipe, struct err *err)
{
    struct report report = {STEP_DONE, 0};
    ssize_t got;
    do
        got = read(pipe, &report, sizeof report);
    while (got < 0 && errno == EINTR);
    if (got == (ssize_t)sizeof report && report.step == STEP_DONE)
        return pid;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    explain(options, &report, err);
    return -1;
}

// ---------------------------------------------------------------- without namespaces

// Not to be dumped: what runs as the same user can neither trace it nor open its descriptors.
static pid_t enter_bare(struct err *err)
{
    auto_close int parent = (int)syscall(SYS_pidfd_open, getpid(), 0);
    bool reaper = prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
    pid_t pid = reaper ? fork() : -1;
    if (pid < 0) {
        err_set(err, ERR_ENV, "cannot start a process for a check: %s", strerror(errno));
    } else if (pid == 0 && (!tie(parent) || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)) {
        _exit(1);
    }
    return pid;
}

// Folders in folders in folders, more than this process may have open: rm copes with that.
static void remove_deep(const char *path)
{
    struct process remover = PROCESS_INIT;
    const struct process_options options = {
        .argv = (const char *const[]){"/bin/rm", "-rf", "--", path, NULL}, .executable = -1};
    if (process_start(&options, &remover, NULL))
        process_wait(&remover);
    process_release(&remover);
}

void cell_clean(const struct cell_options *options)
{
    if (!box_level_is_bare(options->level))
        return;
    sweep_descendants(NULL);
    if (options->scratch != NULL && !folder_remove_all(options->scratch, NULL))
        remove_deep(options->scratch);
}

pid_t cell_enter(const struct cell_options *options, struct err *err)
{
    int ends[2];
    if (!may_enter(err))
        return -1;
    if (box_level_is_bare(options->level))
        return enter_bare(err);
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "cannot make a pipe: %s", strerror(errno));
        return -1;
    }
    auto_close int reading = ends[0];
    auto_close int parent = (int)syscall(SYS_pidfd_open, getpid(), 0);
    uid_t uid = geteuid();
    gid_t gid = getegid();
    // Not fork(): glibc has no wrapper that takes these flags at once. One thread makes it safe.
    struct clone_args arguments = {.flags = NAMESPACES, .exit_signal = SIGCHLD};
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        child_set_up(options, parent, ends[1], uid, gid);
        return 0;
    }
    int reason = errno;
    close(ends[1]);
    if (pid < 0) {
        explain_clone(reason, err);
        return -1;
    }
    return child_await(options, pid, reading, err);
}
